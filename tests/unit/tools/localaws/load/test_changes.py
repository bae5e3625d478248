from __future__ import annotations

from collections import Counter

import pytest

from tools.localaws.load.changes import BATCH_CHANGES, LARGEST_BYTES, SMALLEST_BYTES, Plan, Texts, batches


@pytest.fixture(scope="module")
def texts():
    return Texts()


@pytest.mark.parametrize("writers", [1, 2, 5])
def test_the_writers_share_all_changes_and_each_item_has_one_writer(writers):
    plan = Plan("r", 95, 9, 500)
    shares = [list(plan.share(writer, writers)) for writer in range(writers)]
    versions = {}
    for writer, share in enumerate(shares):
        for change in share:
            versions.setdefault((change.key, writer), []).append(change.version)
    assert len(versions) == 9
    assert all(found == list(range(1, len(found) + 1)) for found in versions.values())
    assert sum(map(len, versions.values())) == 95


def test_a_batch_is_what_one_request_may_hold():
    plan = Plan("r", 3_000, 40, None)
    made = list(batches(plan.share(0, 1)))
    assert [change for batch in made for change in batch] == list(plan.share(0, 1))
    assert max(map(len, made)) == BATCH_CHANGES
    assert all(len({change.key for change in batch}) == len(batch) for batch in made)
    assert max(sum(change.size for change in batch) for batch in made) < 2 * 1024 * 1024


def test_items_of_fewer_keys_than_a_batch_holds_come_once_a_batch():
    assert [len(batch) for batch in batches(Plan("r", 10, 4, 100).share(0, 1))] == [4, 4, 2]


def test_mixed_sizes_are_small_and_large_and_the_same_each_time():
    sizes = [change.size for change in Plan("r", 20_000, 2_000, None).share(0, 1)]
    assert sizes == [change.size for change in Plan("r", 20_000, 2_000, None).share(0, 1)]
    assert SMALLEST_BYTES <= min(sizes) < 110
    assert 300_000 < max(sizes) <= LARGEST_BYTES
    assert 4_000 < sum(sizes) / len(sizes) < 8_000
    assert Counter(size > 10_000 for size in sizes)[True] == pytest.approx(800, rel=0.2)


def test_an_item_holds_its_version_and_text_that_is_its_own(texts):
    one, other = list(Plan("r", 2, 1, 1_000).share(0, 1))
    item = texts.item(one, "key")
    assert (item["key"], item["version"], len(item["text"]["S"])) == ({"S": "r-0"}, {"N": "1"}, 1_000)
    assert texts.of(one) == Texts().of(one) != texts.of(other)
