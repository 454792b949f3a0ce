"""Files of runs: from this machine into inputs, from outputs into a folder, with progress on long work."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn
from rich.text import Text

from weft.assembly import Platform
from weft.cli.terminal import bytes_text, one_line, stderr
from weft.errors import InvalidInput
from weft.executions.types import Execution
from weft.local.files import check_readable, save_file, store_file
from weft.sdk import File

Save = Annotated[
    Path | None, typer.Option("--save", metavar="FOLDER", help="Write the files among the outputs into this folder.")
]

_LONG = 10_000_000


def make_folder(folder: Path) -> None:
    """Make the folder if it is not there.

    Raises:
        InvalidInput: It cannot be made, or is a file.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "its name cannot be used"
        raise InvalidInput(f"the folder {str(folder)!r} cannot be made: {reason}", place=str(folder)) from error


async def store_inputs(platform: Platform, paths: Mapping[str, Path], *, quiet: bool) -> dict[str, Any]:
    """Return the files of these paths as values, by the name of their input; large ones are stored.

    Raises:
        InvalidInput: One is not there, or cannot be read.
        LimitExceeded: One is larger than it may be, or there is no room for it.
    """
    values = {}
    for name, path in paths.items():
        with _shown(f"storing {path.name}", check_readable(path), quiet=quiet) as passed:
            file = await store_file(platform, path, passed=passed)
        values[name] = file.model_dump(mode="json")
    return values


async def save_outputs(platform: Platform, execution: Execution, folder: Path, *, quiet: bool) -> list[dict[str, Any]]:
    """Write all files among the outputs into the folder, each content and name once, and return what went where.

    Raises:
        InvalidInput: One cannot be written.
        NotFound: One is not stored any more.
    """
    saved: list[dict[str, Any]] = []
    places: dict[tuple[str, str], Path] = {}
    taken: set[str] = set()
    for name, values in execution.outputs.items():
        for file in _files_in(values):
            place = places.get((file.name, file.sha256))
            if place is None:
                place = await save_file(platform, file, folder, taken=taken)
                places[file.name, file.sha256] = place
                if not quiet:
                    stderr().print(Text(f"saved {one_line(str(place))}  {bytes_text(file.size)}"), soft_wrap=True)
            saved.append({"output": name, "path": str(place), "size": file.size, "sha256": file.sha256})
    return saved


def _files_in(value: Any) -> Iterator[File]:
    waiting = [value]
    while waiting:
        part = waiting.pop()
        file = File.of_value(part)
        if file is not None:
            yield file
        elif isinstance(part, list | dict):
            inner = list(part.values()) if isinstance(part, dict) else part
            waiting.extend(reversed(inner))


@contextmanager
def _shown(what: str, size: int | None, *, quiet: bool) -> Iterator[Callable[[int], None]]:
    """Lend what is told of bytes that pass: a bar on a terminal, one line elsewhere, nothing for what is short."""
    console = stderr()
    if quiet or (size is not None and size < _LONG):
        yield lambda _: None
        return
    if not console.is_terminal:
        console.print(Text(f"{one_line(what)} …"), soft_wrap=True)
        yield lambda _: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task(one_line(what).replace("[", r"\["), total=size)
        yield lambda passed: progress.advance(task, passed)
