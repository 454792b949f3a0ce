"""One value that a block emitted: checked against its pin, and written as JSON once."""

from collections.abc import Callable
from typing import Any

from pydantic import ValidationError

from weft.executions.errors import FiringFailed
from weft.executions.values import encode
from weft.sdk import OutputPin

Check = Callable[[Any], Any]


class Encoded(bytes):
    """A value that was checked and written in a block host; here it is taken as it is."""

    __slots__ = ()


def check_of(pin: OutputPin | None) -> Check | None:
    """Return the validator of an output pin; None for a pin that takes anything, and for `error`, which no block emits."""
    if pin is None:
        return None
    constrained = set(pin.schema) - {"title", "description", "default", "examples"}
    return pin.adapter.validator.validate_python if constrained else None


def checked(check: Check | None, name: str, value: Any, largest: int) -> bytes:
    """Return the value that left by the pin `name` as JSON of at most `largest` bytes.

    Raises:
        FiringFailed: The value is not of the pin's type, is no JSON, or is too large.
    """
    if check is not None:
        try:
            value = check(value)
        except ValidationError as error:
            problem = error.errors(include_url=False, include_input=False)[0]["msg"]
            raise FiringFailed(
                f"the block emitted a value of the wrong type on {name!r}: {problem}", code="BLOCK_CRASHED"
            ) from error
    return encode(value, largest)


def no_such_pin(name: str) -> FiringFailed:
    """Return the failure of a block that emitted on a pin which it does not have."""
    return FiringFailed(f"the block emitted on {name!r}, which is none of its outputs", code="BLOCK_CRASHED")
