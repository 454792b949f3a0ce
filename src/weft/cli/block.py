"""`weft block`: for those who write blocks."""

import importlib.util
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Annotated

import typer
from rich.text import Text

from weft.cli.commands import MARKUP
from weft.cli.example_context import LendExample, example_lender
from weft.cli.exits import ExitCode
from weft.cli.library import load_catalog
from weft.cli.options import AsJson
from weft.cli.output import write_json
from weft.cli.session import run_async
from weft.cli.terminal import printable, stdout
from weft.errors import InvalidInput, WeftError
from weft.sandbox.service import Sandbox
from weft.sdk import Block
from weft.sdk.catalog import blocks_of
from weft.sdk.checking import check_example, coverage
from weft.sdk.scaffold import new_block

app = typer.Typer(
    add_completion=False, rich_markup_mode=MARKUP, no_args_is_help=True, help="Make a new block, or check blocks."
)


@app.command()
def new(
    block_id: Annotated[str, typer.Argument(metavar="ID", help='Like "github.close_issue".')],
    folder: Annotated[Path, typer.Option(metavar="FOLDER", help="Where the file goes.")] = Path(),
) -> int:
    """Write the source of a new block: complete, and its example passes.

    Example: `weft block new acme.word_count`, then `weft block check word_count.py`
    """
    text = new_block(block_id)
    path = folder / f"{block_id.rpartition('.')[2].replace('-', '_')}.py"
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError as error:
        raise InvalidInput(f"{path} is there already", place=str(path)) from error
    except OSError as error:
        raise InvalidInput(f"{path} cannot be written: {error.strerror}", place=str(path)) from error
    stdout().print(Text(f"wrote {path}; next: weft block check {path}"), soft_wrap=True)
    return ExitCode.DONE


@app.command()
def check(
    which: Annotated[
        str | None, typer.Argument(metavar="[PATH|ID]", help="A Python file, or a block's id; all if left out.")
    ] = None,
    as_json: AsJson = False,
) -> int:
    """Run the examples of blocks: each must do what it says, and together they must reach every output and error.

    Examples:
    - `weft block check word_count.py`
    - `weft block check text.combine`

    Exit codes: 0 all is well, 1 a block fails, 2 there is no such file or block.
    """
    blocks = _find(which)
    problems = run_async(_check_all(blocks))
    if as_json:
        items = [{"id": block.id, "problems": problems[block.id]} for block in blocks]
        write_json({"items": items})
    else:
        _tell(blocks, problems)
    return ExitCode.FAILED if any(problems.values()) else ExitCode.DONE


def _find(which: str | None) -> Sequence[Block]:
    """Return the blocks that are meant.

    Raises:
        InvalidInput: There is no such file or block, or the file defines none.
        BlockDefinitionError: A block of the file is wrong.
    """
    if which is not None and (which.endswith(".py") or Path(which).is_file()):
        blocks = [kind() for kind in blocks_of(load_module(Path(which)))]
        if not blocks:
            raise InvalidInput(f"{which} defines no block", place=which)
        return blocks
    catalog = load_catalog()
    if which is None:
        return list(catalog)
    block = catalog.get(which)
    if block is None:
        raise InvalidInput(f"there is no file and no block {which!r}; weft blocks lists all", place=which)
    return [block]


def load_module(path: Path) -> ModuleType:
    """Return the Python file as a module.

    Raises:
        InvalidInput: It is not there, or fails while it is imported; the sentence names error and line.
        BlockDefinitionError: One of its blocks is wrong.
    """
    name = f"weft_checked_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None or not path.is_file():
        raise InvalidInput(f"there is no Python file {path}", place=str(path))
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except WeftError:
        raise
    except (Exception, SystemExit) as error:
        # A stranger's file may raise anything; its author wants to know where.
        line = _line_in(error, path)
        where = f"{path}, line {line}" if line else str(path)
        raise InvalidInput(f"{where}: {type(error).__name__}: {error}", place=where) from error
    return module


def _line_in(error: BaseException, path: Path) -> int | None:
    if isinstance(error, SyntaxError):
        return error.lineno
    line, trace = None, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == str(path):
            line = trace.tb_lineno
        trace = trace.tb_next
    return line


async def _check_all(blocks: Sequence[Block]) -> dict[str, list[str]]:
    """Return what is wrong with each block, by id; empty lists where nothing is."""
    async with await Sandbox.start() as sandbox:
        lend = example_lender(sandbox)
        return {block.id: await _problems(block, lend) for block in blocks}


async def _problems(block: Block, lend: LendExample) -> list[str]:
    found = []
    for example in block.examples:
        try:
            await check_example(block, example, lend=lend)
        except WeftError as error:
            found.append(error.message)
    if found or not block.runs:
        return found
    missing = await coverage(block, lend=lend)
    found += [f"no example emits the output {pin!r}" for pin in missing.uncovered_pins]
    found += [f"no example reaches {site}" for site in missing.uncovered_errors]
    return found


def _tell(blocks: Sequence[Block], problems: dict[str, list[str]]) -> None:
    console = stdout()
    for block in blocks:
        found = problems[block.id]
        mark = ("fails ", "bold red") if found else ("passes", "green")
        count = len(block.examples)
        console.print(Text.assemble(mark, f"  {block.id}  ({count} example{'s' if count != 1 else ''})"))
        for problem in found:
            console.print(Text("        " + printable(problem).replace("\n", "\n        ")), soft_wrap=True)
    failed = sum(bool(found) for found in problems.values())
    console.print(f"{len(blocks) - failed} passed, {failed} failed")
