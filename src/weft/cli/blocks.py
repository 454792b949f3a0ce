"""`weft blocks`: what graphs are made of."""

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from weft.cli.exits import ExitCode
from weft.cli.library import load_catalog
from weft.cli.options import AsJson
from weft.cli.output import write_json
from weft.cli.terminal import new_table, one_line, print_table, stderr, stdout
from weft.errors import InvalidInput
from weft.sdk import Catalog
from weft.sdk.block_schema import describe
from weft.sdk.pages import GALLERY, MARK, block_pages

_WIDE = 110


def blocks(
    as_json: AsJson = False,
    pages: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write a page in Markdown for each block there, and a gallery.")
    ] = None,
) -> int:
    """List the blocks of Weft and of installed packages; `--json` has their schemas and costs.

    Examples:
    - `weft blocks`
    - `weft blocks --json | jq '.items[] | select(.id == "http.request") | .input_schema'`
    - `weft blocks --pages docs/blocks`
    """
    catalog = load_catalog()
    for problem in catalog.problems:
        stderr().print(Text(f"warning: {one_line(problem.source)}: {one_line(problem.message)}", style="yellow"))
    if pages is not None:
        written, removed = _write_pages(catalog, pages)
        if as_json:
            write_json({"pages": written, "removed": removed})
        else:
            gone = f", removed {len(removed)} of blocks that are gone" if removed else ""
            stdout().print(Text(f"wrote {len(written)} pages{gone}; begin with {pages / GALLERY}"), soft_wrap=True)
    elif as_json:
        write_json({"items": [describe(block) for block in catalog]})
    else:
        console = stdout()
        print_table(console, _table(catalog, wide=console.width >= _WIDE))
    return ExitCode.DONE


def _write_pages(catalog: Catalog, folder: Path) -> tuple[list[str], list[str]]:
    """Write all pages into `folder`, which is made if need be, and return which were written and which removed.

    Removed are pages that this command wrote earlier about blocks that are not there any more; other files stay.

    Raises:
        InvalidInput: The folder cannot be written to; some pages may be written.
    """
    pages = block_pages(catalog)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in pages.items():
            (folder / name).write_text(text, encoding="utf-8")
        removed = [path for path in sorted(folder.glob("*.md")) if path.name not in pages and _is_written_here(path)]
        for path in removed:
            path.unlink()
    except OSError as error:
        raise InvalidInput(f"{folder} cannot be written to: {error.strerror}", place=str(folder)) from error
    return list(pages), [path.name for path in removed]


def _is_written_here(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(MARK)) == MARK.encode()


def _table(catalog: Catalog, *, wide: bool) -> Table:
    table = new_table()
    table.add_column("id", style="bold", no_wrap=True)
    if wide:
        table.add_column("needs", overflow="fold", max_width=20)
        table.add_column("gives", overflow="fold", max_width=30)
    table.add_column("what it does")
    for block in catalog:
        spec = block.spec
        inputs = ", ".join(name for name, pin in spec.inputs.items() if pin.required) or "-"
        outputs = ", ".join(name for name in spec.outputs if name != "error") or "-"
        pins = (inputs, outputs) if wide else ()
        table.add_row(spec.id, *pins, one_line(spec.description.partition("\n")[0]))
    return table
