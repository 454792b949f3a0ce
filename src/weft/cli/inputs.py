"""The inputs of a run, from `--input name=value` and `--inputs file.json`."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from weft.errors import InvalidInput
from weft.graphs.errors import DocumentInvalid
from weft.graphs.interface import GraphInput, check_inputs, graph_inputs
from weft.graphs.json_text import check_storable, parse_json
from weft.graphs.limits import DEFAULT_LIMITS
from weft.graphs.node_checks import fault_of_value
from weft.graphs.types import GraphContent
from weft.local.files import check_readable
from weft.local.sources import read_bytes
from weft.sdk import Catalog, File

_VALUE = "value"
_FILE_MARK = "@"


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

    A file that is named by `@` and its path stands there as a reference that leads nowhere yet.

    Raises:
        InvalidInput: An input is missing, unknown or of the wrong type, or cannot be stored, or a file cannot be read.
    """
    wanted = {one.name: one for one in graph_inputs(content, catalog)}
    given = dict(values)
    paths = named_files(content, catalog, texts)
    for name, path in paths.items():
        check_readable(path)
        given[name] = {"name": File.name_from(path.name), "size": 0, "sha256": "0" * 64}
    texts = {name: text for name, text in texts.items() if name not in paths}
    for name, text in texts.items():
        given[name] = _read(text, wanted[name], content, catalog) if name in wanted else text
    for name, value in given.items():
        check_storable(value, place=f"input {name!r}")
    check_inputs(content, catalog, given)
    return given


def named_files(content: GraphContent, catalog: Catalog, texts: Mapping[str, str]) -> dict[str, Path]:
    """Return the paths that are named by `@` for inputs that take files, by the name of the input.

    Raises:
        InvalidInput: The text for such an input is neither a path after `@` nor JSON.
    """
    takers = {one.name for one in graph_inputs(content, catalog) if File.is_schema(one.schema)}
    paths = {}
    for name, text in texts.items():
        if name not in takers or text.lstrip().startswith(("{", "null")):
            continue
        path = text.removeprefix(_FILE_MARK)
        if path == text or not path:
            raise InvalidInput(f"input {name!r} takes a file: give it as --input {name}=@PATH", input=name)
        paths[name] = Path(path).expanduser()
    return paths


def _read(text: str, wanted: GraphInput, content: GraphContent, catalog: Catalog) -> Any:
    """Return the value that the text is as JSON if the input takes that, else the text."""
    try:
        value = parse_json(text, place="", limits=DEFAULT_LIMITS)
    except DocumentInvalid:
        return text
    if File.is_schema(wanted.schema):
        return value  # no text is a file, so what is wrong with the value is told of the value
    allowed = wanted.schema.get("enum")
    if allowed is not None:
        return value if value in allowed else text
    block = catalog.get(content.nodes[wanted.position].block_id)
    pin = None if block is None else block.spec.inputs.get(_VALUE)
    fits = pin is None or (value is not None and fault_of_value(value, pin) is None)
    return value if fits else text
