"""Text in pictures: how much room it takes, how it is cut to fit, how it is made safe.

Which font a viewer has is not known here, so that widths are those of a wide one: text may take less room than
is kept for it, never more.
"""

import re
import unicodedata
from functools import lru_cache

ELLIPSIS = "…"
_BOLD = 1.1
_ROUNDING = 0.01
_OTHER = 0.66
_WIDE = 1.0
_EMOJI = 1.35
_WIDTHS = {
    sign: width
    for width, signs in (
        (0.34, " !'(),-./:;I[\\]ijl|J"),
        (0.42, 'ft"*r^`'),
        (0.54, "?_szc"),
        (0.64, "$0123456789LFEPTYabdeghknopquvxy{}…"),
        (0.7, "ABCKRSVXZ"),
        (0.79, "&DGHNOQU"),
        (0.84, "#+<=>Mw~"),
        (0.99, "%@Wm"),
    )
    for sign in signs
}
_JOINER = "\u200d"
_UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")
_BREAKS = re.compile(r"[\t\n\v\f\r\x85\u2028\u2029]")
_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"})


def clean(text: str) -> str:
    """Return the text on one line, without signs that XML forbids or that turn the text around them."""
    return " ".join(_UNSAFE.sub("\ufffd", _BREAKS.sub(" ", text)).split())


def escape(text: str) -> str:
    """Return text for the content or an attribute of an XML element."""
    return text.translate(_ESCAPES)


def text_width(text: str, size: float, *, bold: bool = False) -> float:
    """Return the room in pixels that the text takes at most, on one line."""
    return sum(map(_sign_width, text)) * size * (_BOLD if bold else 1.0)


@lru_cache(maxsize=4096)
def _sign_width(sign: str) -> float:
    known = _WIDTHS.get(sign)
    if known is not None:
        return known
    category = unicodedata.category(sign)
    if category in ("Mn", "Me", "Cf"):
        return 0.0
    if unicodedata.east_asian_width(sign) in ("W", "F"):
        return _EMOJI if category == "So" else _WIDE
    return _EMOJI if category == "So" else _OTHER


def fit(text: str, room: float, size: float, *, bold: bool = False) -> str:
    """Return the text, or as much of its beginning as `room` pixels hold, with an ellipsis."""
    if text_width(text, size, bold=bold) <= room + _ROUNDING:
        return text
    budget = room / (size * (_BOLD if bold else 1.0)) - _sign_width(ELLIPSIS)
    end = 0
    for sign in text:
        budget -= _sign_width(sign)
        if budget < 0:
            break
        end += 1
    return text[: _whole_signs(text, end)].rstrip() + ELLIPSIS


def _whole_signs(text: str, end: int) -> int:
    """Return the last place up to `end` at which no accent, joined emoji or other compound is torn apart."""
    while 0 < end < len(text) and (_sign_width(text[end]) == 0 or text[end - 1] == _JOINER):
        end -= 1
    return end


def wrap(text: str, room: float, size: float, *, lines: int) -> list[str]:
    """Return the text on up to `lines` lines of `room` pixels; what does not fit ends in an ellipsis."""
    wrapped: list[str] = []
    rest = text
    while rest and len(wrapped) < lines - 1:
        head = _line(rest, room, size)
        wrapped.append(head.rstrip())
        rest = rest[len(head) :].lstrip()
    return [*wrapped, fit(rest, room, size)] if rest else wrapped


def _line(text: str, room: float, size: float) -> str:
    """Return the beginning that one line holds, broken at a space where there is one, never empty."""
    budget = (room + _ROUNDING) / size
    for at, sign in enumerate(text):
        budget -= _sign_width(sign)
        if budget < 0:
            space = text.rfind(" ", 0, at + 1)
            return text[: space if space > 0 else max(_whole_signs(text, at), 1)]
    return text
