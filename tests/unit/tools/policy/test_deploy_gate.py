from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from time import sleep

import pytest

from tools import locking
from tools.policy import deploy_gate, scanner
from tools.policy.scanner import Finding, Scan


@pytest.fixture
def root(tmp_path):
    for name in ("envs/one/main.tf", "modules/bucket/main.tf", "modules/bucket/policy.json"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("text")
    return tmp_path


@pytest.fixture
def scans(monkeypatch):
    """The results of the next scans, and what was scanned."""
    results, scanned = [], []

    def scan(folders, root):
        scanned.append(folders)
        return results.pop(0) if results else Scan(passed=7)

    monkeypatch.setattr(scanner, "scan", scan)
    return results, scanned


def gate(root):
    return deploy_gate.run(root / "envs" / "one", root, root / "memory")


def test_what_passed_is_not_scanned_again(root, scans):
    assert [gate(root).passed, gate(root).passed] == [7, 7]
    assert len(scans[1]) == 1


@pytest.mark.parametrize(
    "changed",
    [
        "envs/one/main.tf",
        "modules/bucket/main.tf",
        "modules/bucket/policy.json",
        "envs/one/new.tf",
        "envs/one/x.tfvars",
    ],
)
def test_any_changed_or_added_file_is_scanned(root, scans, changed):
    gate(root)
    (root / changed).write_text("other")
    gate(root)

    assert len(scans[1]) == 2


def test_a_file_that_moves_is_scanned(root, scans):
    gate(root)
    (root / "envs/one/main.tf").rename(root / "envs/one/other.tf")
    gate(root)

    assert len(scans[1]) == 2


def test_another_checkov_and_other_checks_scan_again(root, scans, monkeypatch, tmp_path_factory):
    gate(root)
    monkeypatch.setattr(deploy_gate, "version", lambda _name: "0")
    gate(root)
    monkeypatch.setattr(deploy_gate, "_CODE", tmp_path_factory.mktemp("checks"))
    gate(root)

    assert len(scans[1]) == 3


def test_what_terraform_writes_beside_the_configuration_changes_nothing(root, scans):
    gate(root)
    (root / "envs/one/.terraform").mkdir()
    for name in (".terraform/modules.json", "terraform.tfstate", "terraform.tfstate.backup", "lake.tfplan"):
        (root / "envs/one" / name).write_text("written")
    gate(root)

    assert len(scans[1]) == 1


@pytest.mark.parametrize("bad", [Scan(findings=[Finding("A", "b", "c", "d", 1)]), Scan(unreadable=["x"])])
def test_findings_are_never_remembered(root, scans, bad):
    scans[0].extend([bad, bad])

    assert [gate(root).is_clean, gate(root).is_clean, gate(root).is_clean] == [False, False, True]


def test_a_damaged_memory_is_no_pass(root, scans):
    gate(root)
    (file,) = (root / "memory").glob("*.json")
    file.write_text('{"passed": "all"}')
    gate(root)

    assert len(scans[1]) == 2


def test_a_memory_that_cannot_be_written_does_not_stop_a_deploy(root, scans):
    (root / "memory").write_text("a file")

    assert gate(root).passed == 7


def test_two_deploys_at_once_scan_once(root, scans, monkeypatch):
    quick = scanner.scan

    def slow(*arguments):
        sleep(0.2)
        return quick(*arguments)

    monkeypatch.setattr(scanner, "scan", slow)
    with ThreadPoolExecutor() as pool:
        both = list(pool.map(gate, [root, root]))

    assert [found.passed for found in both] == [7, 7]
    assert len(scans[1]) == 1


def test_a_scan_that_takes_too_long_elsewhere_is_made_here(root, scans, monkeypatch):
    monkeypatch.setattr(deploy_gate, "_SCAN_SECONDS", 0.01)
    gate(root)
    (remembered,) = (root / "memory").glob("*.json")
    remembered.unlink()

    with locking.in_turn(remembered.with_suffix(".lock"), seconds=1):
        assert gate(root).passed == 7
    assert len(scans[1]) == 2
