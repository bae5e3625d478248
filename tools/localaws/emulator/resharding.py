"""Keeps a shard that was split, merged or replaced readable until its records expire, as Kinesis does.

The emulator removes such a shard at once, with its unread records. Source: Amazon Kinesis Data
Streams Developer Guide, "Resharding, data routing, and shard persistence".
"""

from __future__ import annotations

import importlib
import json
from typing import TYPE_CHECKING, Any

from tools.localaws.emulator.corrections import replace

if TYPE_CHECKING:
    from collections.abc import Callable

    from tools.localaws.emulator.clock import Clock

    Shard = dict[str, Any]
    Handler = Callable[[dict[str, Any]], tuple[int, dict[str, str], Any]]

_ENDING_SEQUENCE_NUMBER = "ending_sequence_number"
_CLOSED_AT = "closed_at"
"""Member of a closed shard: the uptime of local AWS at which it was closed, in seconds."""


def install(clock: Clock) -> None:
    """Replaces the emulator's resharding."""
    for name in ("_split_shard", "_merge_shards"):
        _wrap(name, lambda original, request: _keep_parent_shards(original, request, clock))
    _wrap("_update_shard_count", lambda original, request: _keep_replaced_shards(original, request, clock))
    _wrap("_get_records", _end_closed_shards)
    _wrap("_describe_stream_summary", _count_open_shards)
    route = replace(
        "services.kinesis", "_route_to_shard", lambda key, stream: route(key, _with_open_shards_only(stream))
    )
    describe = replace(
        "services.kinesis", "_shard_out", lambda name, shard: _describe_end(describe(name, shard), shard)
    )


def remove_expired_shards(stream: dict[str, Any], oldest: float) -> None:
    """Removes closed shards whose records have all expired: those closed before `oldest`, in seconds of uptime."""
    for name, shard in list(stream["shards"].items()):
        if _ENDING_SEQUENCE_NUMBER in shard and not shard["records"] and shard[_CLOSED_AT] < oldest:
            del stream["shards"][name]


def _wrap(name: str, wrapper: Callable[[Handler, dict[str, Any]], tuple[int, dict[str, str], Any]]) -> None:
    original: Handler = replace("services.kinesis", name, lambda request: wrapper(original, request))


def _kinesis() -> Any:  # noqa: ANN401  # the emulator is untyped
    return importlib.import_module("ministack.services.kinesis")


def _keep_parent_shards(original: Handler, request: dict[str, Any], clock: Clock) -> tuple[int, dict[str, str], Any]:
    _, stream = _kinesis()._resolve_stream(request)
    before = dict(stream["shards"]) if stream else {}
    answer = original(request)
    if stream:
        _close({name: shard for name, shard in before.items() if name not in stream["shards"]}, stream, clock)
    return answer


def _keep_replaced_shards(original: Handler, request: dict[str, Any], clock: Clock) -> tuple[int, dict[str, str], Any]:
    _, stream = _kinesis()._resolve_stream(request)
    before = dict(stream["shards"]) if stream else {}
    first = _kinesis()._max_shard_index(stream) + 1 if stream else 0
    status, headers, body = original(request)
    if not stream or status != 200:
        return status, headers, body
    replaced = {name: shard for name, shard in before.items() if _ENDING_SEQUENCE_NUMBER not in shard}
    stream["shards"] = _kinesis()._build_shards(int(request["TargetShardCount"]), first)
    for shard in stream["shards"].values():
        parents = [name for name, old in replaced.items() if _overlap(old, shard)]
        shard["parent_shard_id"], shard["adjacent_parent_shard_id"] = [*parents, None, None][:2]
    _close(before, stream, clock)
    return status, headers, json.dumps({**json.loads(body), "CurrentShardCount": len(replaced)}).encode()


def _end_closed_shards(original: Handler, request: dict[str, Any]) -> tuple[int, dict[str, str], Any]:
    iterator = _kinesis()._shard_iterators.get(request.get("ShardIterator")) or {}
    stream = _kinesis()._streams.get(iterator.get("stream")) or {"shards": {}}
    shard = stream["shards"].get(iterator.get("shard_id"), {})
    status, headers, body = original(request)
    if status == 200 and _ENDING_SEQUENCE_NUMBER in shard:
        answer = json.loads(body)
        if iterator["position"] + len(answer["Records"]) >= len(shard["records"]):
            answer.pop("NextShardIterator")
        body = json.dumps(answer).encode()
    return status, headers, body


def _count_open_shards(original: Handler, request: dict[str, Any]) -> tuple[int, dict[str, str], Any]:
    _, stream = _kinesis()._resolve_stream(request)
    status, headers, body = original(request)
    if status == 200 and stream:
        answer = json.loads(body)
        answer["StreamDescriptionSummary"]["OpenShardCount"] = len(_with_open_shards_only(stream)["shards"])
        body = json.dumps(answer).encode()
    return status, headers, body


def _close(shards: dict[str, Shard], stream: dict[str, Any], clock: Clock) -> None:
    for name, shard in shards.items():
        if _ENDING_SEQUENCE_NUMBER not in shard:
            shard[_ENDING_SEQUENCE_NUMBER] = clock.next_sequence_number()
            shard[_CLOSED_AT] = clock.uptime()
        stream["shards"][name] = shard


def _with_open_shards_only(stream: dict[str, Any]) -> dict[str, Any]:
    return {"shards": {name: shard for name, shard in stream["shards"].items() if _ENDING_SEQUENCE_NUMBER not in shard}}


def _describe_end(described: dict[str, Any], shard: Shard) -> dict[str, Any]:
    if _ENDING_SEQUENCE_NUMBER in shard:
        described["SequenceNumberRange"]["EndingSequenceNumber"] = shard[_ENDING_SEQUENCE_NUMBER]
    return described


def _overlap(one: Shard, other: Shard) -> bool:
    starts = max(int(one["starting_hash_key"]), int(other["starting_hash_key"]))
    return starts <= min(int(one["ending_hash_key"]), int(other["ending_hash_key"]))
