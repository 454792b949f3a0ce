"""Types of pins that several blocks share, and how sloppy values are read."""

import json
import math
import re
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, FiniteFloat, WithJsonSchema

_NUMBER = re.compile(r"[+-]?(\d+|(\d+\.\d*|\.\d+|\d+(?=[eE]))([eE][+-]?\d+)?)", re.ASCII)
_LONGEST_NUMBER = 400
_LOWEST, _HIGHEST = -(2**63), 2**63 - 1


def stored_number(number: int | float) -> int | float:
    """Return the number as it can be kept: whole numbers of more than 64 bits become floating point.

    Raises:
        OverflowError: It is larger than a floating point number can be.
    """
    return number if _LOWEST <= number <= _HIGHEST or isinstance(number, float) else float(number)


def _fit(number: int | float) -> int | float:
    try:
        return stored_number(number)
    except OverflowError:
        raise ValueError("the number is too large") from None


Number = Annotated[int | FiniteFloat, AfterValidator(_fit), WithJsonSchema({"type": "number"})]
"""A finite number; whole ones of up to 64 bits stay whole."""


def as_text(value: Any) -> str:
    """Return a text as it is, nothing as an empty text, and anything else as compact JSON."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


Text = Annotated[str, BeforeValidator(as_text)]
"""A text; other values are written as JSON."""


def read_number(text: str) -> int | float | None:
    """Return the number that a text is, blanks around it left out; None if it is none, or is not finite."""
    written = text.strip()
    if len(written) > _LONGEST_NUMBER or not _NUMBER.fullmatch(written):
        return None
    try:
        number = stored_number(int(written) if written.lstrip("+-").isdigit() else float(written))
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def read_json(text: str) -> Any:
    """Return what a JSON text says; whole numbers of more than 64 bits become floating point.

    Raises:
        ValueError: It is no JSON, holds NaN or an infinity, or is nested too deeply; the message says which and where.
    """
    try:
        return json.loads(text, parse_int=_read_whole, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        raise ValueError(f"{error.msg} at character {error.pos + 1}") from error
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def _read_whole(digits: str) -> int | float:
    if len(digits) > _LONGEST_NUMBER:
        raise ValueError("a number in it is too large")
    try:
        return stored_number(int(digits))
    except OverflowError:
        raise ValueError("a number in it is too large") from None


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"it holds {name}, which is no number")
