"""The data path as boxes for the HTML page to draw: the position of each layer, and what the plan does to it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from tools.plan_review.review import Layer, Review

UNCHANGED: Final = "none"
"""The action of a layer that the plan does not change, or that the environment does not have."""


@dataclass(frozen=True)
class Box:
    """One layer: its title, its position in pixels, the action that decides its colour, and all actions in words."""

    layer: str
    title: str
    x: int
    y: int
    width: int
    action: str = UNCHANGED
    detail: str = "no change"


HEIGHT: Final = 64

BOXES: Final = (
    Box("table", "DynamoDB table", 20, 20, 170),
    Box("stream", "Kinesis data stream", 250, 20, 170),
    Box("delivery", "Firehose delivery stream", 480, 20, 190),
    Box("bucket", "S3 data lake", 730, 20, 170),
    Box("transform", "Lambda function", 480, 130, 190),
    Box("network", "VPC, no way out", 250, 130, 170),
    Box("key", "KMS key", 730, 130, 170),
)
"""The layers of the data path, each in its place."""


def boxes(review: Review) -> list[Box]:
    """Returns the boxes of the data path with what the plan does to each."""
    layers = {layer.name: layer for layer in review.layers}
    return [_coloured(box, layers[box.layer]) if box.layer in layers else box for box in BOXES]


def _coloured(box: Box, layer: Layer) -> Box:
    counted = Counter(item.action for item in layer.items)
    detail = ", ".join(f"{number} to {action}" for action, number in counted.items())
    return replace(box, action=layer.action, detail=detail)
