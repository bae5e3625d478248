"""Makes the emulator describe resources as they were made, so that a plan after an apply is empty."""

from __future__ import annotations

import importlib
import json
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, Final
from xml.sax.saxutils import escape

from tools.localaws.emulator.corrections import replace

if TYPE_CHECKING:
    from collections.abc import Callable

    Answer = tuple[int, dict[str, str], bytes]

_OF_DESTINATIONS: Final = {"CustomTimeZone": "UTC", "FileExtension": ""}
"""Setting of a delivery stream's S3 destination that is not told -> its default (API Reference)."""

_LOG_FORMAT: Final = (
    "${version} ${account-id} ${interface-id} ${srcaddr} ${dstaddr} ${srcport} ${dstport} ${protocol} ${packets}"
    " ${bytes} ${start} ${end} ${action} ${log-status}"
)
"""The default format. Source: Amazon VPC User Guide, "Flow log records"."""

_OF_FLOW_LOGS: Final = {
    "DeliverLogsPermissionArn": "",
    "DeliverCrossAccountRole": "",
    "LogFormat": _LOG_FORMAT,
    "LogGroupName": "",
    "MaxAggregationInterval": "600",
}
"""Setting of a flow log that is not told -> its default."""

_OF_CRAWLERS: Final = {
    "SchemaChangePolicy": {"UpdateBehavior": "UPDATE_IN_DATABASE", "DeleteBehavior": "DEPRECATE_IN_DATABASE"},
    "RecrawlPolicy": {"RecrawlBehavior": "CRAWL_EVERYTHING"},
    "LineageConfiguration": {"CrawlerLineageSettings": "DISABLE"},
}
"""Policy of a crawler that is told empty -> its defaults."""


_SIZED_ITEMS: Final = 2_000
"""So many items of a table say how large one is."""


def describe_time_zone_of_prefixes() -> None:
    """Tells the time zone and the file extension of a delivery stream's S3 destination."""
    original: Callable[[dict[str, Any]], dict[str, Any]]

    def describe(destination: dict[str, Any]) -> dict[str, Any]:
        described = original(destination)
        for name in ("ExtendedS3DestinationDescription", "S3DestinationDescription"):
            if name in described:
                told = {
                    setting: destination["config"].get(setting, usual) for setting, usual in _OF_DESTINATIONS.items()
                }
                described[name] |= {setting: value for setting, value in told.items() if value}
        return described

    original = replace("services.firehose", "_dest_description", describe)


def describe_flow_logs_whole() -> None:
    """Keeps and tells all settings and the tags of a flow log."""
    create: Callable[[Any], Answer]
    describe: Callable[[Any], Answer]

    def create_flow_logs(request: Any) -> Answer:  # noqa: ANN401
        service = _ec2()
        before = set(service._flow_logs)
        answer = create(request)
        for name in set(service._flow_logs) - before:
            found = service._flow_logs[name]
            found |= {setting: service._p(request, setting) or usual for setting, usual in _OF_FLOW_LOGS.items()}
            found["LogGroupName"] = found["LogGroupName"] or found["LogDestination"].rpartition(":log-group:")[2]
            service._parse_tag_specs(request, "vpc-flow-log", name)
        return answer

    def describe_flow_logs(request: Any) -> Answer:  # noqa: ANN401
        status, headers, body = describe(request)
        text = body.decode()
        for name, found in _ec2()._flow_logs.items():
            told = {f"{setting[0].lower()}{setting[1:]}": found.get(setting) for setting in _OF_FLOW_LOGS}
            more = "".join(f"<{key}>{escape(value)}</{key}>" for key, value in told.items() if value)
            head = f"<flowLogId>{name}</flowLogId>"
            text = text.replace(head, f"{head}{more}")
        return status, headers, text.encode()

    create = replace("services.ec2", "_create_flow_logs", create_flow_logs)
    describe = replace("services.ec2", "_describe_flow_logs", describe_flow_logs)
    # The emulator's table of actions holds them too.
    _ec2()._ACTION_MAP |= {"CreateFlowLogs": create_flow_logs, "DescribeFlowLogs": describe_flow_logs}


def take_away_the_rule_that_lets_everything_out() -> None:
    """Compares rules of a security group for all protocols without their ports, which EC2 ignores.

    The provider names the ports when it takes away the rule with which every group is made.
    """
    original: Callable[[dict[str, Any], dict[str, Any]], bool]

    def rules_match(one: dict[str, Any], other: dict[str, Any]) -> bool:
        return original(_without_ports(one), _without_ports(other))

    original = replace("services.ec2", "_rules_match", rules_match)


def _without_ports(rule: dict[str, Any]) -> dict[str, Any]:
    ignored = ("FromPort", "ToPort") if rule.get("IpProtocol") == "-1" else ()
    return {name: value for name, value in rule.items() if name not in ignored}


def keep_tracing_of_state_machines() -> None:
    """Keeps and tells whether a state machine is traced."""
    _keep("services.stepfunctions", "_create_state_machine", _keep_tracing)
    _keep("services.stepfunctions", "_update_state_machine", _keep_tracing)


def describe_crawlers_with_defaults() -> None:
    """Tells what a crawler does by default. Source: AWS Glue Web API Reference, "CreateCrawler"."""
    _keep("services.glue", "_create_crawler", _keep_policies)
    _keep("services.glue", "_update_crawler", _keep_policies)


def tell_the_size_of_tables() -> None:
    """Tells the size of a table by its items, where the emulator takes each for 200 bytes.

    DynamoDB tells a size that may be six hours old (API Reference, "TableDescription"); here it is that of the moment,
    of large tables by the first items.
    """
    original: Callable[[str], dict[str, Any]]

    def describe(name: str) -> dict[str, Any]:
        service = importlib.import_module("ministack.services.dynamodb")
        described = original(name)
        items = chain.from_iterable(group.values() for group in list(service._tables[name]["items"].values()))
        sizes = [service._item_size_bytes(item) for item in islice(items, _SIZED_ITEMS)]
        if sizes:
            described["TableSizeBytes"] = round(sum(sizes) / len(sizes) * described["ItemCount"])
        return described

    original = replace("services.dynamodb", "_table_description", describe)


def _keep(module: str, name: str, keep: Callable[[dict[str, Any]], None]) -> None:
    original: Callable[[dict[str, Any]], Answer]

    def handle(request: dict[str, Any]) -> Answer:
        answer = original(request)
        if answer[0] == 200:
            keep({**json.loads(answer[2]), **request})
        return answer

    original = replace(module, name, handle)


def _keep_tracing(request: dict[str, Any]) -> None:
    found = importlib.import_module("ministack.services.stepfunctions")._state_machines[request["stateMachineArn"]]
    found["tracingConfiguration"] = request.get(
        "tracingConfiguration", found.get("tracingConfiguration", {"enabled": False})
    )


def _keep_policies(request: dict[str, Any]) -> None:
    found = importlib.import_module("ministack.services.glue")._crawlers[request["Name"]]
    for name, usual in _OF_CRAWLERS.items():
        found[name] = {**usual, **(found.get(name) or {})}


def _ec2() -> Any:  # noqa: ANN401  # the emulator is untyped
    return importlib.import_module("ministack.services.ec2")
