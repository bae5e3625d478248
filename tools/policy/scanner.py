"""Runs checkov, with our own checks, over environments and the modules that they use."""

from __future__ import annotations

import contextlib
import io
import json
import logging
import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from checkov.common.output.record import Record
    from checkov.common.output.report import Report

CHECKS: Final = Path(__file__).parent / "checks"
_MODULES: Final = re.compile(r"^(?:module\.[^.]+\.)*")
MIN_REASON_WORDS: Final = 5
"""Words that the reason for a skipped check must have at least; a shorter one counts as none."""


@dataclass(frozen=True)
class Finding:
    """One check that a resource does not pass: the check, and the resource with its file and first line."""

    check_id: str
    check: str
    resource: str
    file: str
    line: int

    def text(self) -> str:
        """Returns the finding in one line."""
        return f"{self.resource}: {self.check} ({self.check_id}, {self.file}:{self.line})"


@dataclass(frozen=True)
class Skip(Finding):
    """One check that the source skips, and its reason."""

    reason: str = ""


@dataclass
class Scan:
    """The result of one or several scans; a module that is called several times counts once."""

    passed: int = 0
    findings: list[Finding] = field(default_factory=list)
    skips: list[Skip] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)
    report: Report | None = None

    @property
    def is_clean(self) -> bool:
        """True when nothing was found and every file could be read."""
        return not self.findings and not self.unreadable


def scan(folders: Sequence[Path], root: Path) -> Scan:
    """Scans the HCL of `folders`, and the local modules that it calls; file names are relative to `root`.

    Needs no network and no credentials, and takes seconds, most of them for importing checkov.
    """
    with _quiet():
        from checkov.common.output.report import merge_reports  # noqa: PLC0415  # takes seconds
        from checkov.runner_filter import RunnerFilter  # noqa: PLC0415
        from checkov.terraform.checks.utils.base_cloudsplaining_iam_scanner import (  # noqa: PLC0415
            BaseTerraformCloudsplainingIAMScanner,
        )

        runner = _runner()
        result = Scan()
        for folder in folders:
            # checkov caches policy documents by a path that is the same in every environment.
            BaseTerraformCloudsplainingIAMScanner.policy_document_cache.clear()
            # No configuration file of checkov is read: it could skip checks unseen.
            report = runner().run(root_folder=str(folder), runner_filter=RunnerFilter(framework=["terraform"]))
            assert not isinstance(report, list)  # noqa: S101  # for the type checker: one framework, one report
            if result.report is None:
                result.report = report
            else:
                merge_reports(result.report, report)
            result.unreadable += [_relative(file, root) for file in report.parsing_errors]
        _collect(result, root)
    return result


def _collect(result: Scan, root: Path) -> None:
    from checkov.common.models.enums import CheckResult  # noqa: PLC0415  # takes seconds

    report = result.report
    if report is None:
        return
    explained = [record for record in report.skipped_checks if _reason(record)]
    # A module that is scanned by itself and where it is called shows the same resource under two names.
    report.failed_checks = _without_duplicates(
        [*report.failed_checks, *(each for each in report.skipped_checks if not _reason(each))]
    )
    report.skipped_checks, report.passed_checks = (
        _without_duplicates(explained),
        _without_duplicates(report.passed_checks),
    )
    for record in report.failed_checks:
        record.check_result["result"] = CheckResult.FAILED
    result.passed = len(report.passed_checks)
    result.findings = [_finding(record, root) for record in report.failed_checks]
    result.skips = [Skip(**vars(_finding(record, root)), reason=_reason(record)) for record in report.skipped_checks]
    result.findings.sort(key=lambda each: (each.file, each.line, each.check_id))
    result.skips.sort(key=lambda each: (each.file, each.line, each.check_id))


def _without_duplicates(records: list[Record]) -> list[Record]:
    """Returns one record for each check and resource, whatever the module is called through which it was found."""
    found: dict[tuple[Any, ...], Record] = {}
    for record in records:
        name = _MODULES.sub("", record.resource)
        found.setdefault((record.check_id, name, os.path.realpath(record.file_abs_path)), record)
    return list(found.values())


def _reason(record: Record) -> str:
    """Returns the reason for a skipped check; "" where the source gives none, or one that is too short."""
    reason = str(record.check_result.get("suppress_comment") or "")
    return reason if len(reason.split()) >= MIN_REASON_WORDS else ""


def _finding(record: Record, root: Path) -> Finding:
    comment = record.check_result.get("suppress_comment")
    unexplained = f": skipped without a reason ({comment!r})" if comment is not None and not _reason(record) else ""
    start = record.file_line_range[0] if record.file_line_range else 0
    file = _relative(record.file_abs_path, root)
    return Finding(record.check_id, f"{record.check_name}{unexplained}", record.resource, file, start)


def _relative(file: str, root: Path) -> str:
    return os.path.relpath(os.path.realpath(file), os.path.realpath(root))


def _runner() -> Any:  # noqa: ANN401  # checkov's class, made ready once a process
    from checkov.terraform.runner import Runner  # noqa: PLC0415

    from tools.policy import repeated_work  # noqa: PLC0415

    repeated_work.spare()
    if not getattr(Runner, "_lake_checks", False):
        Runner().load_external_checks([str(CHECKS)])
        Runner._lake_checks = True  # type: ignore[attr-defined]  # checks register once for all runners
    return Runner


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keeps checkov's log and prints out of ours."""
    level = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    is_set = "LOG_LEVEL" in os.environ
    os.environ.setdefault("LOG_LEVEL", "CRITICAL")
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            yield
    finally:
        logging.disable(level)
        if not is_set:
            del os.environ["LOG_LEVEL"]


def to_json(result: Scan) -> str:
    """Returns the scan as JSON: passed (a number), failed, skipped and unreadable."""
    return json.dumps(
        {
            "passed": result.passed,
            "failed": [vars(each) for each in result.findings],
            "skipped": [vars(each) for each in result.skips],
            "unreadable": result.unreadable,
        },
        indent=2,
    )
