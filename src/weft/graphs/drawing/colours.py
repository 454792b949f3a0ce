"""The colours of a picture, for a light and a dark page, as one style sheet.

Text has a contrast of at least 4.5 to 1 against what is behind it; and colour never says alone what something
is: states have a sign and a word, static links are dashed, errors leave from a pin of that name.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from zlib import crc32

from weft.graphs.drawing.states import Stage

FONT = "Inter,system-ui,-apple-system,'Segoe UI',Roboto,'Noto Sans','Noto Sans CJK SC','PingFang SC',sans-serif"


class Theme(StrEnum):
    """For which page a picture is; `auto` follows what the viewer prefers."""

    AUTO = "auto"
    LIGHT = "light"
    DARK = "dark"


_HUES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "indigo": ("#4f46e5", "#a5b4fc"),
        "teal": ("#0f766e", "#5eead4"),
        "orange": ("#c2410c", "#fdba74"),
        "violet": ("#7c3aed", "#c4b5fd"),
        "sky": ("#0369a1", "#7dd3fc"),
        "rose": ("#be185d", "#f9a8d4"),
        "lime": ("#4d7c0f", "#bef264"),
        "amber": ("#a16207", "#fde047"),
        "cyan": ("#0e7490", "#67e8f9"),
        "slate": ("#475569", "#cbd5e1"),
    }
)
"""By name, on a light page and on a dark one."""

_FAMILIES: Mapping[str, str] = MappingProxyType(
    {
        "input": "indigo",
        "output": "teal",
        "text": "sky",
        "flow": "violet",
        "logic": "orange",
        "data": "lime",
        "list": "lime",
        "dict": "lime",
        "http": "rose",
        "api-call": "rose",
        "time": "amber",
        "random": "cyan",
        "ai": "violet",
        "note": "amber",
    }
)

_STAGES: Mapping[Stage, tuple[str, str]] = MappingProxyType(
    {
        Stage.COMPLETED: ("#15803d", "#4ade80"),
        Stage.FAILED: ("#b91c1c", "#f87171"),
        Stage.RUNNING: ("#1d4ed8", "#60a5fa"),
        Stage.WAITING: ("#a16207", "#facc15"),
        Stage.CANCELLED: ("#7e22ce", "#c084fc"),
        Stage.IDLE: ("#71717a", "#a1a1aa"),
    }
)


def hue_of(family: str) -> str:
    """Return the name of a family's colour; families that nobody chose one for always get the same."""
    names = list(_HUES)
    return _FAMILIES.get(family) or names[crc32(family.encode()) % len(names)]


def stage_colour(stage: Stage, *, dark: bool) -> str:
    """Return the colour of a state."""
    return _STAGES[stage][dark]


def _rules(*, dark: bool) -> dict[str, str]:
    page, card, line, strong, weak = (
        ("#09090b", "#18181b", "#3f3f46", "#fafafa", "#a1a1aa")
        if dark
        else ("#fafafa", "#ffffff", "#d4d4d8", "#18181b", "#63636b")
    )
    error = stage_colour(Stage.FAILED, dark=dark)
    rules = {
        ".page": f"fill:{page}",
        ".card": f"fill:{card};stroke:{line}",
        ".note": f"fill:{'#2a2410' if dark else '#fefce8'};stroke:{'#a1822a' if dark else '#d9bd4f'}",
        ".t": f"fill:{strong}",
        ".s": f"fill:{weak}",
        ".rule": f"stroke:{line}",
        ".wire": f"stroke:{'#71717a' if dark else '#8e8e98'}",
        ".wire.error": f"stroke:{error}",
        ".wire.unused": f"stroke:{'#3f3f46' if dark else '#d4d4d8'}",
        ".pin": f"fill:{card};stroke:{'#71717a' if dark else '#8e8e98'}",
        ".pin.error": f"fill:{card};stroke:{error}",
        ".bad": f"fill:{error}",
    }
    rules |= {f".h-{name}": f"fill:{pair[dark]}" for name, pair in _HUES.items()}
    rules |= {f".{stage}": f"fill:{stage_colour(stage, dark=dark)}" for stage in Stage}
    rules |= {f".card.{stage}": f"fill:{card};stroke:{stage_colour(stage, dark=dark)}" for stage in Stage}
    rules[".card.idle"] = f"fill:{page};stroke:{line}"
    rules |= {f".sign.{stage}": f"fill:none;stroke:{stage_colour(stage, dark=dark)}" for stage in Stage}
    return rules


_SHAPES = {
    "": f"font-family:{FONT}",
    ".t": "font-size:13px;font-weight:600",
    ".s": "font-size:11px;font-weight:400",
    ".name": "font-size:18px",
    ".end": "text-anchor:end",
    ".wire": "fill:none;stroke-width:1.6",
    ".wire.static": "stroke-dasharray:5 4",
    ".pin": "stroke-width:1.6",
    ".rule": "stroke-width:1",
    ".sign": "stroke-width:1.8;stroke-linecap:round;stroke-linejoin:round",
    ".card.failed": "stroke-width:2",
    ".card.idle": "stroke-dasharray:4 3",
}


def style_sheet(theme: Theme, used: str) -> str:
    """Return the rules for the classes in `used`; all begin with the theme's own class, for pages with several."""
    scope = f".weft-{theme}"
    classes = set(used.split())
    sheets = [_css(scope, _SHAPES, classes), _css(scope, _rules(dark=theme is Theme.DARK), classes)]
    if theme is Theme.AUTO:
        sheets.append(f"@media (prefers-color-scheme:dark){{{_css(scope, _rules(dark=True), classes)}}}")
    return "".join(sheets)


def _css(scope: str, rules: Mapping[str, str], classes: set[str]) -> str:
    wanted = ((name, rule) for name, rule in rules.items() if set(name.split(".")) - {""} <= classes)
    return "".join(f"{scope} {name}{{{rule}}}" if name else f"{scope}{{{rule}}}" for name, rule in wanted)
