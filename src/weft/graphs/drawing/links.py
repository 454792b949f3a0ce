"""The lines of links as SVG paths, and what kind of link each is."""

from collections.abc import Sequence

from weft.graphs.drawing.layout import LOOP, Wire
from weft.graphs.indexed import read_pin
from weft.sdk.spec import ERROR_PIN

_LEVEL = 0.6
_CORNER = 10.0


def number(value: float) -> str:
    """Return a number with at most one decimal and no needless signs."""
    text = f"{value:.1f}"
    return text[:-2] if text.endswith(".0") else text


def path_of(wire: Wire) -> str:
    """Return the path of a link: level in columns, curved between them; with corners on its way back."""
    (_, x, y), *rest = wire.stops
    parts = [f"M{number(x)} {number(y)}"]
    if wire.back_at is not None:
        _, to_x, to_y = rest[-1]
        right, left = x + LOOP, to_x - LOOP
        way = [(x, y), (right, y), (right, wire.back_at), (left, wire.back_at), (left, to_y), (to_x, to_y)]
        return parts[0] + _rounded(way)
    for left, right, height in rest:
        parts.append(_curve(x, y, left, height))
        if right > left:
            parts.append(f"H{number(right)}")
        x, y = right, height
    return "".join(parts)


def _curve(x: float, y: float, to_x: float, to_y: float) -> str:
    if abs(to_y - y) < _LEVEL and to_x > x:
        return f"H{number(to_x)}"
    middle = number((x + to_x) / 2)
    return f"C{middle} {number(y)} {middle} {number(to_y)} {number(to_x)} {number(to_y)}"


def _rounded(points: Sequence[tuple[float, float]]) -> str:
    """Return a way of level and upright pieces with round corners; the first point is where the pen is."""
    parts = []
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        radius = min(_CORNER, _length(before, corner) / 2, _length(corner, after) / 2)
        start, end = _toward(corner, before, radius), _toward(corner, after, radius)
        parts.append(f"L{_pair(start)}Q{_pair(corner)} {_pair(end)}")
    return "".join([*parts, f"L{_pair(points[-1])}"])


def _length(one: tuple[float, float], other: tuple[float, float]) -> float:
    return abs(one[0] - other[0]) + abs(one[1] - other[1])


def _toward(point: tuple[float, float], goal: tuple[float, float], way: float) -> tuple[float, float]:
    share = way / (_length(point, goal) or 1.0)
    return point[0] + (goal[0] - point[0]) * share, point[1] + (goal[1] - point[1]) * share


def _pair(point: tuple[float, float]) -> str:
    return f"{number(point[0])} {number(point[1])}"


def is_error(pin: str) -> bool:
    """Whether an output pin, or the part of it, is the one that failures leave by."""
    reference = read_pin(pin)
    return reference is not None and reference.pin == ERROR_PIN
