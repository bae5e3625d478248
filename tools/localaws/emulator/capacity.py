"""Makes a data stream change its capacity mode and its number of shards as Kinesis does, within Kinesis' limits.

The emulator has no UpdateStreamMode, and scales a stream to any number of shards at any time. AWS documentation: Amazon
Kinesis API Reference, "UpdateStreamMode", "UpdateShardCount" and "CreateStream"; Developer Guide, "Switch between
capacity modes": a stream keeps its shards when its mode changes, and may change it twice in 24 hours.
"""

from __future__ import annotations

import importlib
import json
import time
from typing import TYPE_CHECKING, Any, Final

from tools.localaws.emulator.corrections import replace

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    Answer = tuple[int, dict[str, str], Any]
    Handler = Callable[[dict[str, Any]], Answer]

_DAY_SECONDS: Final = 24 * 3600
_MODES_A_DAY: Final = 2
_SHARD_COUNTS_A_DAY: Final = 10
_ON_DEMAND_SHARDS: Final = 4
"""Shards of a new stream on demand."""


def change_capacity_within_limits() -> None:
    """Adds UpdateStreamMode, and refuses what Kinesis refuses of a stream's shards."""
    handle: Callable[..., Awaitable[Any]]
    create: Handler
    scale: Handler

    async def handle_request(method: str, path: str, headers: dict[str, str], body: bytes, query: Any) -> Any:  # noqa: ANN401
        if headers.get("x-amz-target", "").endswith(".UpdateStreamMode"):
            return _update_mode(json.loads(body))
        return await handle(method, path, headers, body, query)

    def create_stream(request: dict[str, Any]) -> Answer:
        usual = {"ShardCount": _ON_DEMAND_SHARDS} if _mode(request) == "ON_DEMAND" else {}
        return create({**usual, **request})

    def update_shard_count(request: dict[str, Any]) -> Answer:
        name, stream = _kinesis()._resolve_stream(request)
        if not stream:
            return scale(request)
        target = int(request.get("TargetShardCount") or 0)
        refused = _refused_shard_count(name, stream, target)
        if refused:
            return _error(*refused)
        answer = scale(request)
        if answer[0] == 200:
            _remember(stream, "shard_counts")
        return answer

    handle = replace("services.kinesis", "handle_request", handle_request)
    create = replace("services.kinesis", "_create_stream", create_stream)
    scale = replace("services.kinesis", "_update_shard_count", update_shard_count)
    for name in ("_split_shard", "_merge_shards"):
        _refuse_on_demand(name)


def shard_count_refusal(current: int, target: int, updates: int) -> tuple[str, str] | None:
    """Returns the code and message with which Kinesis refuses to scale a provisioned stream, None where it does not.

    `current` is the number of open shards, `updates` how often the stream was scaled in the last 24 hours.

    >>> shard_count_refusal(10, 5, 0), shard_count_refusal(3, 1, 0)[0], shard_count_refusal(1, 2, 10)[0]
    (None, 'InvalidArgumentException', 'LimitExceededException')
    """
    counts = f"Current open shard count: {current} Target shard count: {target}"
    if target > 2 * current:
        reason = "UpdateShardCount cannot scale up over double your current open shard count."
        return "InvalidArgumentException", f"{reason} {counts}"
    if 2 * target < current:
        reason = "UpdateShardCount cannot scale down below half your current open shard count."
        return "InvalidArgumentException", f"{reason} {counts}"
    if updates >= _SHARD_COUNTS_A_DAY:
        reason = f"UpdateShardCount cannot be called more than {_SHARD_COUNTS_A_DAY} times in 24 hours for a stream."
        return "LimitExceededException", reason
    return None


def _refused_shard_count(name: str, stream: dict[str, Any], target: int) -> tuple[str, str] | None:
    if _mode(stream) == "ON_DEMAND":
        return "ValidationException", f"Stream {name} is in the on-demand capacity mode: it has no shard count to set"
    current = sum("ending_sequence_number" not in shard for shard in stream["shards"].values())
    return shard_count_refusal(current, target, _count(stream, "shard_counts")) if target > 0 else None


def _update_mode(request: dict[str, Any]) -> Answer:
    stream, mode = _kinesis()._resolve_stream_by_arn(request.get("StreamARN", "")), _mode(request)
    if not stream:
        return _error("ResourceNotFoundException", f"Stream {request.get('StreamARN')} not found")
    if mode not in ("PROVISIONED", "ON_DEMAND"):
        return _error("InvalidArgumentException", f"The stream mode is PROVISIONED or ON_DEMAND, not {mode}")
    if mode == _mode(stream):
        return _error("InvalidArgumentException", f"Stream {stream['StreamName']} is in mode {mode} already")
    if _count(stream, "modes") >= _MODES_A_DAY:
        return _error("LimitExceededException", f"A stream's mode changes at most {_MODES_A_DAY} times in 24 hours")
    stream["StreamModeDetails"] = {"StreamMode": mode}
    _remember(stream, "modes")
    answer: Answer = _responses().json_response({})
    return answer


def _refuse_on_demand(name: str) -> None:
    original: Handler

    def handle(request: dict[str, Any]) -> Answer:
        stream_name, stream = _kinesis()._resolve_stream(request)
        if stream and _mode(stream) == "ON_DEMAND":
            return _error("ValidationException", f"Stream {stream_name} is in the on-demand capacity mode")
        return original(request)

    original = replace("services.kinesis", name, handle)


def _mode(holder: dict[str, Any]) -> str:
    return str((holder.get("StreamModeDetails") or {}).get("StreamMode", "PROVISIONED"))


def _count(stream: dict[str, Any], what: str) -> int:
    """Returns how often something changed in the last 24 hours, by the clock of the machine."""
    return sum(time.time() - at < _DAY_SECONDS for at in stream.get("_changes", {}).get(what, []))


def _remember(stream: dict[str, Any], what: str) -> None:
    times = stream.setdefault("_changes", {}).setdefault(what, [])
    times[:] = [*times[1 - _SHARD_COUNTS_A_DAY :], time.time()]


def _error(code: str, message: str) -> Answer:
    answer: Answer = _responses().error_response_json(code, message, 400)
    return answer


def _kinesis() -> Any:  # noqa: ANN401  # the emulator is untyped
    return importlib.import_module("ministack.services.kinesis")


def _responses() -> Any:  # noqa: ANN401
    return importlib.import_module("ministack.core.responses")
