"""Where graphs come from: a file on disk, or a graph that was saved before."""

import stat
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import UUID

from weft.errors import InvalidInput
from weft.graphs.documents import read_limited
from weft.graphs.errors import GraphInvalid
from weft.graphs.issues import Issue, Level
from weft.graphs.types import GraphContent
from weft.interop.reading import ParsedFile, judge, parse_file
from weft.interop.types import Imported, ImportedGraph
from weft.sdk import Catalog


@dataclass(frozen=True, slots=True)
class GraphFile:
    """The graphs of a file: in Weft's own format one, of an agent from elsewhere also those it runs.

    Attributes:
        shown: How the user named the file.
    """

    shown: str
    imported: Imported

    @property
    def content(self) -> GraphContent:
        """Return the graph that the file is about."""
        return self.imported.main.content

    def placed(self, graph: ImportedGraph, issues: Iterable[Issue]) -> list[Issue]:
        """Return issues of one of the file's graphs with messages that open with the file and the place in it."""
        inner = "" if graph is self.imported.main else f"sub-graph {graph.content.name!r}"
        return [
            replace(issue, message=": ".join(part for part in (self.shown, inner, issue.path, issue.message) if part))
            for issue in issues
        ]


@dataclass(frozen=True, slots=True)
class OpenedFile:
    """A file that holds a graph; `read` it when it is known which blocks there are."""

    shown: str
    parsed: ParsedFile

    def read(self, catalog: Catalog) -> GraphFile:
        """Return the file's graphs; their blocks and pins are not checked here.

        Raises:
            DocumentInvalid: Something in an agent from elsewhere cannot be translated.
        """
        return GraphFile(self.shown, self.parsed.read(catalog))


def open_graph_file(name: str) -> OpenedFile:
    """Open a graph's file, or an agent's from elsewhere.

    Raises:
        InvalidInput: There is no such file, or it cannot be read.
        DocumentInvalid: It holds no graph.
    """
    path = Path(name)
    # A graph without an id of its own is known by its file's path for ever.
    return OpenedFile(name, parse_file(read_bytes(path), place=name, key=str(path.resolve())))


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


def find_source(name: str) -> OpenedFile | UUID:
    """Return the file of this name if there is one, else the id of a graph.

    Raises:
        InvalidInput: It is neither a file nor an id.
        DocumentInvalid: The file holds no graph.
    """
    try:
        graph_id = UUID(name)
    except ValueError:
        return open_graph_file(name)
    return open_graph_file(name) if Path(name).exists() else graph_id


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
    """Check that the file's graph can run, and all that it runs.

    Raises:
        GraphInvalid: It cannot; each message opens with the file and the place in it.
    """
    issues_of = {judged.graph.ref: judged.issues for judged in judge(file.imported, catalog, with_order=False)}
    issues = [
        issue
        for graph in file.imported.needed()
        for issue in file.placed(graph, issues_of[graph.ref])
        if issue.level is not Level.WARNING
    ]
    if issues:
        raise GraphInvalid(issues)
