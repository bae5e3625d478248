from __future__ import annotations

import os
import subprocess
import sys

from tools.localaws.load.metering import Meter

BUSY = "import sys, time\nbulk = bytearray(60_000_000)\nwhile time.process_time() < 0.6: pass\nsys.stdin.read()"


def test_memory_and_processor_of_a_process_are_those_of_the_time_between():
    child = subprocess.Popen([sys.executable, "-c", BUSY], stdin=subprocess.PIPE)
    try:
        with Meter({"busy": child.pid, "load": os.getpid()}) as meter:
            while meter.uses()["busy"].cpu_seconds < 0.4:
                meter._sample()
        used = meter.uses()
        assert used["busy"].peak_bytes > 60_000_000
        assert 0.4 <= used["busy"].cpu_seconds < 2
        with Meter({"busy": child.pid}) as later:
            pass
        assert later.uses()["busy"].cpu_seconds < 0.2
        assert used["load"].cpu_seconds < 60
        assert "load children" not in used
    finally:
        child.communicate(b"")


def test_a_process_that_is_added_later_and_ends_is_metered_until_then():
    with Meter({}) as meter:
        child = subprocess.Popen([sys.executable, "-c", BUSY], stdin=subprocess.PIPE)
        meter.add({"busy": child.pid})
        while meter.uses().get("busy") is None or meter.uses()["busy"].peak_bytes < 60_000_000:
            meter._sample()
        child.communicate(b"")
    assert meter.uses()["busy"].peak_bytes > 60_000_000
