from __future__ import annotations

from tools.lake.engines.object_cache import ObjectCache
from tools.lake.erasure import copies


def test_copies_of_what_was_touched_go_and_others_stay(tmp_path):
    cache = ObjectCache(tmp_path / "copies", 1 << 20)
    mine, other = (cache.path("lake", key, "etag") for key in ("a", "b"))
    for path in (mine, other):
        cache.put(path, [b"{}"])
    summaries = tmp_path / "summaries"
    summaries.mkdir()
    (summaries / "summaries.sqlite").touch()

    removed = copies.forget([cache.folder, tmp_path / "none"], summaries, {("lake", "a", "etag")})

    assert removed == 2
    assert (mine.exists(), other.exists(), list(summaries.iterdir())) == (False, True, [])
    assert not (tmp_path / "none").exists()
