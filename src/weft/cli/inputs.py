"""The inputs of a run, from `--input name=value` and `--inputs file.json`."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from weft.cli.sources import read_bytes
from weft.errors import InvalidInput
from weft.graphs.errors import DocumentInvalid
from weft.graphs.interface import GraphInput, check_inputs, graph_inputs
from weft.graphs.json_text import check_storable, parse_json
from weft.graphs.limits import DEFAULT_LIMITS
from weft.graphs.node_checks import fault_of_value
from weft.graphs.types import GraphContent
from weft.sdk import Catalog

_VALUE = "value"


def read_inputs(given: Iterable[str], file: Path | None) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the values of the file, and the texts given one by one, by name.

    Raises:
        InvalidInput: A text is not of the form `name=value`, or the file holds no JSON object.
    """
    values: dict[str, Any] = {}
    if file is not None:
        values = parse_json(read_bytes(file), place=str(file), limits=DEFAULT_LIMITS)
        if not isinstance(values, dict):
            raise InvalidInput(f"{file}: inputs are a JSON object of values by name", place=str(file))
    texts = {}
    for pair in given:
        name, equals, text = pair.partition("=")
        if not equals or not name:
            raise InvalidInput(f"--input {pair!r} is not of the form name=value", place="--input")
        texts[name] = text
    return values, texts


def complete_inputs(
    content: GraphContent, catalog: Catalog, values: Mapping[str, Any], texts: Mapping[str, str]
) -> dict[str, Any]:
    """Return what a run is given, with texts read as each input's type wants them; defaults are left out.

    Raises:
        InvalidInput: An input is missing, unknown or of the wrong type, or cannot be stored.
    """
    wanted = {one.name: one for one in graph_inputs(content, catalog)}
    given = dict(values)
    for name, text in texts.items():
        given[name] = _read(text, wanted[name], content, catalog) if name in wanted else text
    for name, value in given.items():
        check_storable(value, place=f"input {name!r}")
    check_inputs(content, catalog, given)
    return given


def _read(text: str, wanted: GraphInput, content: GraphContent, catalog: Catalog) -> Any:
    """Return the value that the text is as JSON if the input takes that, else the text."""
    try:
        value = parse_json(text, place="", limits=DEFAULT_LIMITS)
    except DocumentInvalid:
        return text
    allowed = wanted.schema.get("enum")
    if allowed is not None:
        return value if value in allowed else text
    block = catalog.get(content.nodes[wanted.position].block_id)
    pin = None if block is None else block.spec.inputs.get(_VALUE)
    fits = pin is None or (value is not None and fault_of_value(value, pin) is None)
    return value if fits else text
