"""Collects what a sizing needs, given or measured, and writes the settings that it advises."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import msgspec

from tools import files
from tools.cli import console
from tools.deployments import choose, environments
from tools.deployments.recall import Given, Purpose
from tools.errors import UsageError
from tools.operations import measuring
from tools.sizing import prices, settings, usage
from tools.sizing.settings import DEFAULT_FUNCTION
from tools.sizing.usage import UNKNOWN, Usage, Workload
from tools.terraform import tfvars

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tools.deployments.choose import Where
    from tools.deployments.credentials import Identities
    from tools.operations.measuring import TableUse
    from tools.sizing.prices import Prices
    from tools.sizing.settings import FunctionSettings, TableSettings
    from tools.sizing.sizing import Sizing

ONE_TABLE: Final = "table"
"""What a table is called that has no name."""
_SUFFIXES: Final = (".tfvars", ".tfvars.json")


@dataclass(frozen=True)
class Told:
    """What the user tells of the usage: one table's name, a file, and options, by the members of a workload."""

    table: str | None
    file: Path | None
    options: Mapping[str, float]


@dataclass(frozen=True)
class SizePlan:
    """What a sizing is made of; `variables` is the value of `tables` that the advice is written into."""

    label: str
    usage: Usage
    prices: Prices
    settings: Mapping[str, TableSettings]
    function: FunctionSettings = DEFAULT_FUNCTION
    variables: Mapping[str, Any] = field(default_factory=dict)
    measured: Mapping[str, TableUse] = field(default_factory=dict)

    def lines(self) -> list[str]:
        """Returns what was measured, a line for each table."""
        return [
            f"{name}: {use.records:,} changes in {use.seconds / 3600:,.1f} h, {use.record_bytes:,} bytes of records, "
            f"{use.busiest_per_second:,.1f} a second in the busiest minute"
            for name, use in self.measured.items()
        ]

    def measured_json(self) -> dict[str, Any]:
        """Returns what was measured, by table."""
        wanted = ("records", "record_bytes", "seconds", "busiest_per_second")
        return {name: {each: asdict(use)[each] for each in wanted} for name, use in self.measured.items()}


def given(region: str, told: Told, base: Path | None) -> SizePlan:
    """Returns the plan of tables whose usage the user tells: those of a file, or one that the options describe.

    Raises:
        UsageError: nothing is told, both ways are, or what is told cannot be.
    """
    if told.file and (told.table or told.options.keys() - {"outage_hours"}):
        raise UsageError("--usage describes the tables; leave out --table, --writes and what else describes one")
    if not told.file and not told.options:
        raise UsageError("tell how a table is used (--writes, --item-bytes, --update-share, --peak), or give --usage")
    found = usage.read(told.file) if told.file else Usage({told.table or ONE_TABLE: Workload()})
    if not found.tables:
        raise UsageError(f"{told.file} names no tables")
    variables = _tables(tfvars.given(base.parent, [base], [], {})) if base else {}
    label = str(told.file or told.table or ONE_TABLE)
    return SizePlan(
        label, _with(found, told.options), prices.of_region(region), _settings(variables), variables=variables
    )


def measured(env: str, where: Where, identities: Identities, hours: int, told: Told) -> SizePlan:
    """Returns the plan of deployed tables; what the user tells besides goes before what was measured.

    Raises:
        LakeError: ENV is not deployed, or cannot be measured.
    """
    environment = environments.find(env)
    deployment = choose.choose(
        environment, where, Given(identity=identities.for_environment(env)), Purpose.READ, quiet=True
    )
    outputs = deployment.outputs()
    tables = dict([outputs.table(told.table)]) if told.table else outputs.tables
    aws = deployment.aws(outputs.region)
    with console.telling("measuring") as tell:
        tell("asking CloudWatch how the tables are used")
        uses = measuring.measure(aws, tables, datetime.now(UTC), timedelta(hours=hours))
        function = measuring.function_settings(aws, outputs.function_name)
    read = usage.read(told.file) if told.file else UNKNOWN
    is_whole = not (outputs.consumer_account_id or outputs.bucket_policy_json)
    lake = usage.with_replica(read.lake, has_replica=outputs.replica is not None, is_whole=is_whole)
    found = Usage({name: _merged(use.workload, read.tables.get(name)) for name, use in uses.items()}, lake)
    return SizePlan(
        deployment.label,
        _with(found, told.options),
        prices.of_region(outputs.region),
        {name: use.settings for name, use in uses.items()},
        function,
        _tables(deployment.given_values()),
        uses,
    )


def check_file(file: Path | None) -> None:
    """Raises UsageError when a file cannot be written, because there is no folder for it."""
    if file and not file.absolute().parent.is_dir():
        raise UsageError(f"{file}: there is no folder {file.absolute().parent}")


def write_settings(file: Path, variables: Mapping[str, Any], sizing: Sizing) -> None:
    """Writes the value of `tables` with the advised settings in the place of its own, as `deploy --var-file` takes it.

    Raises:
        UsageError: the name ends in neither .tfvars nor .tfvars.json.
    """
    if not file.name.endswith(_SUFFIXES):
        raise UsageError(f"--write {file}: the name must end in {' or '.join(_SUFFIXES)}, which decides the format")
    tables = dict(variables)
    for table in sizing.tables:
        tables[table.name] = advised(tables.get(table.name) or {}, table.advice.settings)
    with files.replacing(file) as partial:
        partial.write_text(_format(file, tables), encoding="utf-8")


def advised(values: Mapping[str, Any], wanted: TableSettings) -> dict[str, Any]:
    """Returns one value of `tables` with the advised settings; everything else of it stays."""
    found = dict(values)
    for block, members in settings.to_variables(wanted).items():
        # Of the two that exclude each other, one is advised.
        kept = {name: value for name, value in (found.get(block) or {}).items() if name not in ("mode", "shards")}
        found[block] = kept | members
    return found


def _format(file: Path, tables: Mapping[str, Any]) -> str:
    if file.name.endswith(".json"):
        return json.dumps({"tables": tables}, indent=2) + "\n"
    return f"tables = {tfvars.written(tables)}\n"


def _tables(variables: Mapping[str, Any]) -> dict[str, Any]:
    found = variables.get("tables")
    return found if isinstance(found, dict) else {}


def _settings(variables: Mapping[str, Any]) -> dict[str, TableSettings]:
    return {name: settings.of_variables(values or {}) for name, values in variables.items()}


def _merged(found: Workload, told: Workload | None) -> Workload:
    values = {} if told is None else {name: getattr(told, name) for name in told.__struct_fields__}
    return msgspec.structs.replace(found, **{name: value for name, value in values.items() if value is not None})


def _with(found: Usage, options: Mapping[str, float]) -> Usage:
    """Returns the usage with what the options say of every table, checked as a file is.

    Raises:
        UsageError: an option is out of its range.
    """
    merged = {name: msgspec.structs.replace(workload, **options) for name, workload in found.tables.items()}
    return usage.checked(Usage(merged, found.lake), "options")
