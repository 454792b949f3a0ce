"""Telling people and programs what went wrong: one sentence, its place, no traceback."""

from typing import Any

from rich.text import Text
from typer.exceptions import TyperException

from weft.cli.output import validation_shape, write_json
from weft.cli.terminal import printable, stderr
from weft.errors import WeftError
from weft.graphs.errors import GraphInvalid

_SHOWN_ISSUES = 10
_USAGE = "USAGE"


def report_failure(error: WeftError, *, as_json: bool) -> None:
    """Write the failure to stderr, and with `--json` as the one object to stdout."""
    console = stderr()
    console.print(Text.assemble(("error: ", "bold red"), printable(error.message)))
    issues = error.issues if isinstance(error, GraphInvalid) else ()
    for issue in issues[1:_SHOWN_ISSUES]:
        console.print(Text(f"  also: {printable(issue.message)}"))
    if as_json:
        shape = failure_shape(error.error_code, error.message, place_of(error))
        write_json(shape | (validation_shape(issues) if issues else {}))


def report_usage(error: TyperException, *, as_json: bool) -> None:
    """Write what is wrong with the arguments, and how to get help."""
    message = error.format_message()
    command = getattr(getattr(error, "ctx", None), "command_path", "weft")
    console = stderr()
    if message:
        console.print(Text.assemble(("error: ", "bold red"), printable(message)))
    console.print(Text(f"try: {command} --help"))
    if as_json:
        write_json(failure_shape(_USAGE, message, None))


def failure_shape(code: str, message: str, place: str | None) -> dict[str, Any]:
    """Return the object that stands for a failure of the command itself."""
    return {"error": {"code": code, "message": message, "place": place}}


def place_of(error: WeftError) -> str | None:
    """Return where the failure is: a path in a document, an input, a node; None where it has no place."""
    if isinstance(error, GraphInvalid):
        issue = error.issues[0]
        return issue.path or issue.link_id or issue.node_id
    place = error.details.get("place") or error.details.get("input") or error.details.get("variable")
    return None if place is None else str(place)
