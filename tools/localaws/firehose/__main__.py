"""`python -m tools.localaws.firehose --home HOME`: the delivery worker of one local AWS, until SIGTERM."""

from __future__ import annotations

import argparse
import logging
import os
import signal
from logging.handlers import RotatingFileHandler
from pathlib import Path

from tools.errors import LakeError
from tools.localaws import process_lock
from tools.localaws.firehose import publishing
from tools.localaws.firehose.worker import Worker
from tools.localaws.state_folder import StateFolder

_LOG_BYTES = 5 * 1024 * 1024


def main() -> None:
    """Runs the worker until SIGTERM or SIGINT."""
    parser = argparse.ArgumentParser(prog="python -m tools.localaws.firehose", description=__doc__)
    parser.add_argument("--home", type=Path, required=True, help="state folder of the local AWS to deliver in")
    home = StateFolder(parser.parse_args().home)
    try:
        seconds = publishing.read_interval(os.environ)
        process_lock.hold(home.process_lock("delivery"))
    except LakeError as error:
        raise SystemExit(f"error: {error}") from None
    handler = RotatingFileHandler(home.log("delivery"), maxBytes=_LOG_BYTES, backupCount=3, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    logging.getLogger("botocore").setLevel(logging.WARNING)
    worker = Worker(home, seconds)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: worker.stop())
    logging.getLogger("delivery").info("the delivery worker runs")
    worker.run()
    logging.getLogger("delivery").info("the delivery worker has stopped")


if __name__ == "__main__":
    main()
