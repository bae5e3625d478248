from __future__ import annotations

from tools.lake import function_versions
from tools.lake.function_versions import Versions


def version(number, code, day, **settings):
    return {
        "Version": str(number),
        "CodeSha256": code,
        "LastModified": f"2026-01-{day:02d}T00:00:00.000+0000",
        "Environment": {"Variables": settings},
    }


def test_older_versions_are_those_with_other_code_or_settings_the_newest_first():
    published = [
        version(1, "a", 1),
        version(2, "a", 2, PATH_SEPARATOR="_"),
        version(3, "b", 3),
        version(4, "b", 4),
        version(5, "c", 5),
        version(6, "c", 6),
    ]

    found = function_versions.chosen("6", published)

    assert found.all == ("6", "4", "2", "1")
    assert found.since_us == 1767225600_000_000
    assert found.live_since_us - found.since_us == 5 * 86_400_000_000


def test_after_a_step_back_the_version_that_was_left_counts_as_another():
    assert function_versions.chosen("1", [version(1, "a", 1), version(2, "b", 2)]).all == ("1", "2")


def test_what_is_older_than_the_versions_that_are_looked_at_is_not_known():
    published = [version(number, str(number), number) for number in range(1, 9)]

    found = function_versions.chosen("8", published)

    assert found == Versions("8", ("7", "6", "5", "4", "3"), found.live_since_us, found.since_us)
    assert found.since_us == 1767225600_000_000 + 2 * 86_400_000_000
