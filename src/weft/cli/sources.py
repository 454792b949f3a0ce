"""Where graphs come from: a file on disk, or a graph that was saved before."""

import stat
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import UUID

from weft.errors import InvalidInput
from weft.graphs.documents import parse_document, read_limited
from weft.graphs.errors import GraphInvalid
from weft.graphs.issues import Issue, Level
from weft.graphs.types import GraphContent
from weft.graphs.validation import check_graph
from weft.sdk import Catalog


@dataclass(frozen=True, slots=True)
class GraphFile:
    """A graph read from a file; `path` is absolute and names it for ever."""

    path: Path
    shown: str
    content: GraphContent


def read_graph_file(name: str) -> GraphFile:
    """Read a graph's file; its blocks and pins are not checked here.

    Raises:
        InvalidInput: There is no such file, or it cannot be read.
        DocumentInvalid: It holds no graph.
    """
    path = Path(name)
    content = parse_document(read_bytes(path), place=name)
    return GraphFile(path.resolve(), name, content)


def read_bytes(path: Path) -> bytes:
    """Return what a file of limited size holds.

    Raises:
        InvalidInput: It is not there, is no file, cannot be read, or is too large.
    """
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            raise InvalidInput(f"{path} is a folder, not a file", place=str(path))
        with path.open("rb") as stream:
            return read_limited(stream, place=str(path))
    except FileNotFoundError as error:
        raise InvalidInput(f"there is no file {path}", place=str(path)) from error
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "its name cannot be used"
        raise InvalidInput(f"{str(path)!r} cannot be read: {reason}", place=str(path)) from error


def find_source(name: str) -> GraphFile | UUID:
    """Return the file of this name if there is one, else the id of a graph.

    Raises:
        InvalidInput: It is neither a file nor an id.
        DocumentInvalid: The file holds no graph.
    """
    try:
        graph_id = UUID(name)
    except ValueError:
        return read_graph_file(name)
    return read_graph_file(name) if Path(name).exists() else graph_id


def read_id(text: str, what: str) -> UUID:
    """Return the id that the text is.

    Raises:
        InvalidInput: It is none; the sentence says what kind of id was expected.
    """
    try:
        return UUID(text)
    except ValueError as error:
        raise InvalidInput(f"{text!r} is no id of {what}", place=text) from error


def require_runnable(file: GraphFile, catalog: Catalog) -> None:
    """Check that the file's graph can run.

    Raises:
        GraphInvalid: It cannot; each message opens with the file and the place in it.
    """
    issues = [issue for issue in check_graph(file.content, catalog, for_run=True) if issue.level is not Level.WARNING]
    if issues:
        raise GraphInvalid(placed(issues, file.shown))


def placed(issues: Sequence[Issue], place: str) -> list[Issue]:
    """Return the issues with messages that open with the file and the place in it."""
    return [
        replace(issue, message=": ".join(part for part in (place, issue.path, issue.message) if part))
        for issue in issues
    ]
