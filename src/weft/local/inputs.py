"""The inputs of a run as a Python program gives them."""

from collections.abc import Mapping
from typing import Any

from pydantic_core import PydanticSerializationError, to_jsonable_python

from weft.errors import InvalidInput
from weft.graphs.json_text import check_storable


def plain_inputs(values: Mapping[str, Any] | None, named: Mapping[str, Any]) -> dict[str, Any]:
    """Return all values by name, as JSON has them: dates become texts, tuples lists, models dictionaries.

    Args:
        values: Values by name.
        named: More of them, as keywords.

    Raises:
        InvalidInput: A value is given twice or is nothing that JSON can hold; the message names the input.
    """
    given: dict[str, Any] = {}
    if values is not None:
        if not isinstance(values, Mapping):
            raise InvalidInput(f"inputs are a mapping of values by name, not {type(values).__name__}")
        given = dict(values)
    for name in named:
        if name in given:
            raise InvalidInput(f"input {name!r} is given twice", input=name)
    return {str(name): plain(value, place=f"input {name!r}") for name, value in (given | dict(named)).items()}


def plain(value: Any, *, place: str) -> Any:
    """Return a value as JSON has it.

    Raises:
        InvalidInput: JSON or the database cannot hold it; the message opens with the place.
    """
    try:
        found = to_jsonable_python(value, inf_nan_mode="constants")
    except (PydanticSerializationError, ValueError) as error:
        message = f"{place}: a {type(value).__name__} cannot be written as JSON: {error}"
        raise InvalidInput(message, place=place) from error
    check_storable(found, place=place)
    return found
