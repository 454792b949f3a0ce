"""Graphs that a command only looks at: from files, and of those saved before any version."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from weft.cli.library import load_catalog
from weft.cli.session import with_transaction
from weft.db.transaction import Transaction
from weft.errors import InvalidInput
from weft.graphs.service import get_graph
from weft.graphs.types import GraphContent
from weft.local.sources import OpenedFile, open_graph_file
from weft.sdk import Catalog
from weft.users.types import LOCAL_OWNER


@dataclass(frozen=True, slots=True)
class SavedGraph:
    """A graph by its id; without a version its draft is meant."""

    id: UUID
    version: int | None

    async def read(self, tx: Transaction) -> GraphContent:
        """Return what it holds.

        Raises:
            GraphNotFound: There is none.
            VersionNotFound: It has no such version.
        """
        return await get_graph(tx, self.id, LOCAL_OWNER, version=self.version)


def find_graph(name: str) -> OpenedFile | SavedGraph:
    """Return the file of this name if there is one, else the graph that an id, or an id@version, names.

    Raises:
        InvalidInput: It is none of these.
        DocumentInvalid: The file holds no graph.
    """
    id, at, version = name.partition("@")
    try:
        graph_id = UUID(id)
    except ValueError:
        return open_graph_file(name)
    if Path(name).exists():
        return open_graph_file(name)
    if at and not (version.isascii() and version.isdecimal() and 1 <= int(version[:10]) < 2**31):
        raise InvalidInput(f"{name!r}: a version is a whole number from 1 on", place=name)
    return SavedGraph(graph_id, int(version) if at else None)


def read_contents(names: Sequence[str]) -> tuple[list[GraphContent], Catalog]:
    """Return the graphs of these names and the blocks there are; files alone need no database.

    Raises:
        InvalidInput: One of the names is none.
        DocumentInvalid: A file holds no graph.
        GraphNotFound: There is no graph with such an id.
        VersionNotFound: A graph has no such version.
    """
    found = [find_graph(name) for name in names]
    files = [one for one in found if isinstance(one, OpenedFile)]
    only_files = len(files) == len(found)
    catalog = load_catalog(only=frozenset().union(*(one.parsed.blocks for one in files)) if only_files else None)
    read = {id(one): one.read(catalog).content for one in files}

    async def all_of_them(tx: Transaction) -> list[GraphContent]:
        return [await one.read(tx) if isinstance(one, SavedGraph) else read[id(one)] for one in found]

    return (list(read.values()) if only_files else with_transaction(all_of_them, catalog=catalog)), catalog


def write_text(path: Path, text: str) -> None:
    """Write a file, over one that is there.

    Raises:
        InvalidInput: It cannot be written.
    """
    try:
        path.write_bytes(text.encode())
    except OSError as error:
        raise InvalidInput(f"{path} cannot be written: {error.strerror}", place=str(path)) from error
