"""The ways that are compared, and the results."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.bench.events import Case

FLOOR = "floor"
OURS = "ours"
OURS_IN_PYTHON = "ours_python"


@dataclass(frozen=True)
class Way:
    """One way to make lines from a batch.

    Attributes:
        module: its module in `tests.bench.ways`.
        label: its name in tables and in the plot.
    """

    module: str
    label: str


VARIANTS = (
    Way("ours_rules", "ours + four rules, one of each kind"),
    Way("ours_before", "ours + the old image (`before`)"),
    Way("ours_hook_unchanged", "ours + a hook that changes nothing"),
    Way("ours_hook_masked", "ours + a hook that masks a column"),
)
PEERS = (
    Way("article", "article: top-level `str(value)`"),
    Way("stdlib", "stdlib json, recursive"),
    Way("dynamo_json_unmarshall", "dynamo-json + flatten_json"),
    Way("boto3_types", "boto3 TypeDeserializer + flatten_json"),
    Way("powertools", "Powertools data classes + flatten_json"),
    Way("dynamodb_json_util", "dynamodb-json + flatten_json"),
)
WAYS = (
    Way(FLOOR, "floor: nothing is flattened"),
    Way(OURS, "**ours**, everything on"),
    Way(OURS_IN_PYTHON, "ours, without native code"),
    *VARIANTS,
    *PEERS,
)


@dataclass
class Results:
    """The results.

    Attributes:
        milliseconds: case -> way's module -> median CPU time of one batch.
        ratios: case -> way's module -> median of its ratios to the floor, each ratio of one round.
        memory: way's module -> peak over the baseline in MB, for one 6 MB event; without those that cannot be measured.
        cold_start: way's module -> median import time in milliseconds, after the runtime's own imports.
        answers: way's module -> probe -> yes, no or raises.
        records: case -> records in the batch.
        output: size of our answer to that event in MB.
    """

    milliseconds: dict[Case, dict[str, float]] = field(default_factory=dict)
    ratios: dict[Case, dict[str, float]] = field(default_factory=dict)
    memory: dict[str, float] = field(default_factory=dict)
    cold_start: dict[str, float] = field(default_factory=dict)
    answers: dict[str, dict[str, str]] = field(default_factory=dict)
    records: dict[Case, int] = field(default_factory=dict)
    output: float = 0.0
