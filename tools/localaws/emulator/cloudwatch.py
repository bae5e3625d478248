"""Corrections of the emulator's CloudWatch: what alarms tell and when they change, and which metrics are kept.

The emulator evaluates an alarm over one period only, and only when data arrives, whatever its dimensions, its unit and
its treatment of missing data. Its Query protocol leaves out half of an alarm.
"""

from __future__ import annotations

import importlib
import json
import threading
import time
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl

from tools.localaws.emulator import (
    alarm_evaluation,
    embedded_metrics,
    metric_math,
    metrics_insights,
    query_protocol,
    stored_metrics,
)
from tools.localaws.emulator.corrections import replace

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    Response = tuple[int, dict[str, str], bytes]

_JSON: Final = {"content-type": "application/x-amz-json-1.0"}
_METRIC_MEMBERS: Final = ("Metrics", "ThresholdMetricId", "EvaluateLowSampleCountPercentile")
_COMPOSITE_MEMBERS: Final = ("ActionsSuppressor", "ActionsSuppressorWaitPeriod", "ActionsSuppressorExtensionPeriod")

_lock: Final = threading.Lock()
"""Held while points are added: functions' log lines arrive in threads of their own."""

_evaluated: Final[dict[tuple[str, str, str], object]] = {}
"""By account, Region and name of an alarm: what it was evaluated with the last time."""


def answer_the_query_protocol_as_the_json_protocol() -> None:
    """Gives clients of the Query protocol (Terraform's provider, boto3) all that clients of the JSON protocol get."""
    original: Callable[..., Awaitable[Response]]

    async def handle_request(method: str, path: str, headers: dict[str, str], body: bytes, query: Any) -> Response:  # noqa: ANN401
        if "x-www-form-urlencoded" not in headers.get("content-type", ""):
            return await original(method, path, headers, body, query)
        form = dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
        action = form.get("Action", "")
        target = {**_JSON, "x-amz-target": f"GraniteServiceVersion20100801.{action}"}
        document = json.dumps(query_protocol.read(form)).encode()
        status, _, answer = await original(method, path, {**headers, **target}, document, {})
        content = json.loads(answer)
        service = _service()
        if status != 200:
            error: Response = service._error(content["__type"], content["message"], status)
            return error
        return status, {"Content-Type": "text/xml"}, query_protocol.write(action, content, service.new_uuid())

    original = replace("services.cloudwatch", "handle_request", handle_request)


def keep_all_members_of_alarms() -> None:
    """Keeps the members of an alarm that the emulator drops, and leaves out those that were not set."""
    original_metric: Callable[..., Response]
    original_composite: Callable[..., Response]

    def put_metric_alarm(params: Any, data: dict[str, Any], *protocol: bool) -> Response:  # noqa: ANN401
        response = original_metric(params, data, *protocol)
        alarm = _service()._alarms.get(data.get("AlarmName")) if response[0] == 200 else None
        if alarm is not None:
            alarm.update({name: data[name] for name in _METRIC_MEMBERS if data.get(name)})
            for name in ("Statistic", "Period", "Threshold"):
                if data.get(name) is None:
                    del alarm[name]
        return response

    def put_composite_alarm(params: Any, data: dict[str, Any], *protocol: bool) -> Response:  # noqa: ANN401
        response = original_composite(params, data, *protocol)
        alarm = _service()._composite_alarms.get(data.get("AlarmName")) if response[0] == 200 else None
        if alarm is not None:
            alarm.update({name: data[name] for name in _COMPOSITE_MEMBERS if data.get(name) is not None})
        return response

    original_metric = replace("services.cloudwatch", "_put_metric_alarm", put_metric_alarm)
    original_composite = replace("services.cloudwatch", "_put_composite_alarm", put_composite_alarm)


def evaluate_alarms_in_the_background() -> None:
    """Leaves the evaluation of alarms to `evaluate_all`; the emulator evaluates them when data arrives."""
    replace("services.cloudwatch", "_evaluate_alarm", lambda _alarm: None)
    replace("services.cloudwatch", "_evaluate_all_alarms", lambda: None)


def keep_metrics_merged_and_for_a_limited_time() -> None:
    """Stores points merged (`stored_metrics`), and leaves them out of the service's settings (`metrics_state`)."""

    def put_metric_data(_params: Any, data: dict[str, Any], is_cbor: bool, _is_json: bool = False) -> Response:  # noqa: ANN401
        service = _service()
        for datum in data.get("MetricData") or []:
            store(data.get("Namespace", ""), {**datum, "Timestamp": service._parse_ts(datum.get("Timestamp"))})
        answer: Response = service._cbor_ok({}) if is_cbor else service._json_ok({})
        return answer

    def record_metric(
        namespace: str, name: str, value: float, unit: str = "None", dimensions: dict[str, str] | None = None
    ) -> None:
        named = [{"Name": key, "Value": each} for key, each in (dimensions or {}).items()]
        store(namespace, {"MetricName": name, "Value": value, "Unit": unit, "Dimensions": named})

    def get_state() -> dict[str, Any]:
        return {name: getattr(_service(), f"_{name}") for name in _STATES}

    replace("services.cloudwatch", "_put_metric_data", put_metric_data)
    replace("services.cloudwatch", "record_metric", record_metric)
    replace("services.cloudwatch", "get_state", get_state)
    # At each request it looks through all points.
    replace("services.cloudwatch", "_evict_old_metrics", lambda: None)


def extract_embedded_metrics() -> None:
    """Makes metrics of log lines in the embedded metric format, which the emulator stores as lines only."""
    original: Callable[..., None]

    def append_log_events(stream: dict[str, Any], events: list[dict[str, Any]]) -> None:
        original(stream, events)
        for event in events:
            for namespace, datum in embedded_metrics.read(event["message"]):
                store(namespace, datum)

    original = replace("services.cloudwatch_logs", "_append_log_events", append_log_events)


_STATES: Final = ("alarms", "composite_alarms", "composite_triggers", "alarm_history", "dashboards", "resource_tags")

CORRECTIONS: Final[tuple[Callable[[], None], ...]] = (
    answer_the_query_protocol_as_the_json_protocol,
    keep_all_members_of_alarms,
    evaluate_alarms_in_the_background,
    keep_metrics_merged_and_for_a_limited_time,
    extract_embedded_metrics,
)


def metrics_state() -> dict[str, Any]:
    """Returns the points of all metrics, as the service loads them."""
    metrics = _service().AccountRegionScopedDict()
    with _lock:
        metrics._data = {key: list(points) for key, points in _service()._metrics._data.items()}
    return {"metrics": metrics}


def evaluate_all() -> None:
    """Drops metrics that are too old and evaluates all alarms; to be called every few seconds. Raises nothing."""
    service, now = _service(), time.time()
    with _lock:
        for key, points in list(service._metrics._data.items()):
            if points[0]["Timestamp"] < now - stored_metrics.RETENTION_SECONDS:
                kept = stored_metrics.recent(points, now)
                if kept:
                    service._metrics._data[key] = kept
                else:
                    del service._metrics._data[key]
    for (account, region, name), alarm in list(service._alarms._data.items()):
        try:
            with importlib.import_module("ministack.core.responses").request_scope(account, region):
                _evaluate(service, (account, region, name), alarm, now)
        except Exception as error:  # noqa: BLE001  # another alarm may still be evaluated
            if _evaluated.get((account, region, name)) != str(error):
                print(f"the alarm {name} of {account} cannot be evaluated: {error!r}", flush=True)
            _evaluated[account, region, name] = str(error)
    for key in _evaluated.keys() - service._alarms._data.keys():
        del _evaluated[key]


def _evaluate(service: Any, key: tuple[str, str, str], alarm: dict[str, Any], now: float) -> None:  # noqa: ANN401
    queries = alarm.get("Metrics")
    metric = {**alarm, "Stat": alarm.get("ExtendedStatistic") or alarm.get("Statistic")}
    stats = [query.get("MetricStat") or query for query in queries] if queries else [metric]
    period = max(int(each["Period"]) for each in stats if each.get("Period"))
    end = now // period * period
    count = int(alarm["EvaluationPeriods"]) + alarm_evaluation.EXTRA_PERIODS

    def read(query: Mapping[str, Any]) -> list[float | None]:
        stat = query.get("MetricStat") or query
        return _series(service, {**stat, **stat.get("Metric", {})}, period, end, count)

    points = metric_math.evaluate(queries, read) if queries else read(metric)
    # A state that was set by hand stays until there is something else to evaluate.
    current = (end, points, alarm["AlarmConfigurationUpdatedTimestamp"])
    if _evaluated.get(key) == current:
        return
    _evaluated[key] = current
    found = alarm_evaluation.evaluate(alarm, points)
    if found is None or found[0] == alarm["StateValue"]:
        return
    before, (state, reason) = alarm["StateValue"], found
    changed = {"StateUpdatedTimestamp": int(now), "StateTransitionedTimestamp": int(now)}
    alarm.update({"StateValue": state, "StateReason": reason, **changed})
    service._record_history(alarm["AlarmName"], before, state, reason)
    service._dispatch_alarm_actions(alarm, before, state, reason)
    service._evaluate_parent_alarms(alarm)


def _series(service: Any, metric: Mapping[str, Any], period: int, end: float, count: int) -> list[float | None]:  # noqa: ANN401
    """Returns the values of the last `count` periods that are over, the newest first."""
    statistic, points = _points(service, metric)
    is_known = statistic in _STATISTICS or service._is_percentile_stat(statistic)
    buckets: list[list[dict[str, Any]]] = [[] for _ in range(count)]
    for point in points:
        age = int((end - 1 - point["Timestamp"]) // period)
        if 0 <= age < count and metric.get("Unit") in (None, point["Unit"]):
            buckets[age].append(point)
    return [
        service._stat_value(service._calc_stats(bucket), statistic, bucket) if bucket and is_known else None
        for bucket in buckets
    ]


def _points(service: Any, metric: Mapping[str, Any]) -> tuple[str, list[dict[str, Any]]]:  # noqa: ANN401
    """Returns the statistic that a metric or a query is asked for, and the points of all metrics that it means."""
    expression = metric.get("Expression")
    with _lock:
        if not expression:
            dimensions = service._dims_key(service._dims_from_list(metric.get("Dimensions") or []))
            return metric["Stat"], list(
                service._metrics.get((metric["Namespace"], metric["MetricName"], dimensions)) or []
            )
        query = metrics_insights.read(expression)
        return query.statistic, [
            point
            for (namespace, name, _), points in service._metrics.items()
            if points and query.selects(namespace, name, points[0]["Dimensions"])
            for point in points
        ]


_STATISTICS: Final = frozenset({"SampleCount", "Average", "Sum", "Minimum", "Maximum"})


def store(namespace: str, datum: Mapping[str, Any]) -> None:
    """Stores what one MetricDatum has (CloudWatch API Reference)."""
    service = _service()
    with _lock:
        for point in stored_metrics.points_of(datum, time.time()):
            bucket = service._metric_bucket((namespace, datum["MetricName"], service._dims_key(point["Dimensions"])))
            stored_metrics.add(bucket, point)


def _service() -> Any:  # noqa: ANN401  # the emulator is untyped
    return importlib.import_module("ministack.services.cloudwatch")
