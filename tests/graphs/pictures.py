"""SVG pictures as tests look at them, and runs to draw."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID
from xml.etree import ElementTree

from tests.unit.graphs.toy_blocks import CATALOG
from weft.executions.types import Execution, ExecutionId, ExecutionStatus, NodeSummary
from weft.graphs.drawing.svg import draw_svg
from weft.graphs.types import GraphContent

_SVG = "{http://www.w3.org/2000/svg}"
_START = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@dataclass(frozen=True)
class Box:
    """A card: where it is, and the texts on it."""

    x: float
    y: float
    width: float
    height: float
    classes: str
    hint: str
    texts: tuple[str, ...]

    def touches(self, other: "Box") -> bool:
        return not (
            self.x + self.width <= other.x
            or other.x + other.width <= self.x
            or self.y + self.height <= other.y
            or other.y + other.height <= self.y
        )


class Picture:
    """A picture, parsed; one that is no XML cannot be made."""

    def __init__(self, text: str) -> None:
        self.root = ElementTree.fromstring(text)

    def text(self, name: str) -> str:
        return self.root.findtext(f"{_SVG}{name}") or ""

    def texts(self) -> list[str]:
        """All words that are drawn, in order."""
        return ["".join(one.itertext()) for one in self.root.iter(f"{_SVG}text")]

    def size(self) -> tuple[float, float]:
        """Width and height."""
        _, _, width, height = map(float, self.root.get("viewBox", "").split())
        return width, height

    def corner(self) -> tuple[float, float]:
        """Where the part with the cards begins; their places are counted from there."""
        group = self.root.find(f"{_SVG}g")
        assert group is not None
        x, y = re.findall(r"[\d.-]+", group.get("transform", ""))
        return float(x), float(y)

    def cards(self) -> list[Box]:
        return [box for group in self.root.iter(f"{_SVG}g") if (box := _card(group)) is not None]

    def card(self, title: str) -> Box:
        (found,) = [card for card in self.cards() if card.texts[0] == title]
        return found

    def wires(self) -> list[tuple[str, str, str]]:
        """For each link its classes, its way, and what is said about it."""
        return [
            (one.get("class", ""), one.get("d", ""), one.findtext(f"{_SVG}title") or "")
            for one in self.root.iter(f"{_SVG}path")
            if "wire" in one.get("class", "").split() and one.find(f"{_SVG}title") is not None
        ]


def draw(content: GraphContent, **options: Any) -> Picture:
    """Draw a graph of toy blocks."""
    return Picture(draw_svg(content, CATALOG, **options))


def _card(group: Any) -> Box | None:
    box = group.find(f"{_SVG}rect")
    hint = group.findtext(f"{_SVG}title")
    if box is None or hint is None:
        return None
    x, y, width, height = (float(box.get(name)) for name in ("x", "y", "width", "height"))
    texts = tuple("".join(one.itertext()) for one in group.iter(f"{_SVG}text"))
    return Box(x, y, width, height, box.get("class", ""), hint, texts)


def ends(way: str) -> tuple[tuple[float, float], tuple[float, float]]:
    """Where a path begins and ends; a level piece at its end says only how far it goes."""
    points: list[tuple[float, float]] = []
    for letter, numbers in re.findall(r"([MCHLQ])([^MCHLQ]*)", way):
        values = [float(number) for number in numbers.split()]
        points.append((values[0], points[-1][1]) if letter == "H" else (values[-2], values[-1]))
    return points[0], points[-1]


def level_pieces(way: str) -> Iterator[tuple[float, float, float]]:
    """The level pieces of a path: from, to, and at which height."""
    at = (0.0, 0.0)
    for letter, numbers in re.findall(r"([MCHLQ])([^MCHLQ]*)", way):
        values = [float(number) for number in numbers.split()]
        if letter == "H":
            yield at[0], values[0], at[1]
            at = (values[0], at[1])
        else:
            at = (values[-2], values[-1])


def run_of(status: ExecutionStatus, *nodes: NodeSummary, **fields: Any) -> Execution:
    """An execution that took a second and a half."""
    some_id = UUID(int=1)
    ended = _START + timedelta(seconds=1.5) if status.is_terminal() else None
    return Execution(
        id=ExecutionId(some_id),
        graph_id=some_id,
        graph_version=1,
        user_id=some_id,
        status=status,
        created_at=_START,
        started_at=_START,
        ended_at=ended,
        nodes=nodes,
        **fields,
    )


def fired(
    node_id: str, status: ExecutionStatus = ExecutionStatus.COMPLETED, *, firings: int = 1, attempts: int = 1
) -> NodeSummary:
    return NodeSummary(node_id, node_id, "toy", status, firings, attempts, 12.3)
