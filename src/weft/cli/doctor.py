"""`weft doctor`: does everything work here, and what is set."""

import platform as machine
import sys
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from importlib import metadata
from typing import Annotated

import typer
from rich.text import Text

from weft.assembly import database_address
from weft.cli.exits import ExitCode, exit_code_of
from weft.cli.library import load_catalog
from weft.cli.options import AsJson
from weft.cli.output import write_json
from weft.cli.session import run_async
from weft.cli.terminal import one_line, stdout
from weft.db.database import Database
from weft.db.migrate import schema_state
from weft.errors import WeftError
from weft.sandbox.service import Sandbox
from weft.settings import Settings


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at; `exit_code` is 0 when it works."""

    what: str
    said: str
    exit_code: int = 0


def doctor(
    settings: Annotated[bool, typer.Option("--settings", help="List all settings, and where each is from.")] = False,
    as_json: AsJson = False,
) -> int:
    """Look whether settings, database, blocks and sandbox work; starts the embedded database if need be.

    Examples:
    - `weft doctor`
    - `weft doctor --settings`: every setting with its value, default and origin; secrets are masked

    Exit codes: 0 all is well, else that of the first thing that is not: 2 a setting, 6 the database, 1 anything else.
    """
    found = Settings.load()
    if settings:
        return _list_settings(found, as_json=as_json)
    findings = run_async(_examine(found))
    if as_json:
        items = [{"what": one.what, "works": one.exit_code == 0, "said": one.said} for one in findings]
        write_json({"works": all(item["works"] for item in items), "items": items})
    else:
        _tell(findings)
    return next((one.exit_code for one in findings if one.exit_code), ExitCode.DONE)


async def _examine(settings: Settings) -> list[Finding]:
    home = f"WEFT_HOME {settings.home.path}" if settings.database.is_embedded else "a server of one's own"
    return [
        Finding("program", f"weft {metadata.version('weft')}, Python {machine.python_version()}, {sys.platform}"),
        await _look("database", lambda: _database(settings, home)),
        await _look("blocks", _blocks),
        await _look("sandbox", _sandbox),
    ]


async def _look(what: str, work: Callable[[], Awaitable[str]]) -> Finding:
    try:
        return Finding(what, await work())
    except WeftError as error:
        return Finding(what, error.message, exit_code_of(error))


async def _database(settings: Settings, home: str) -> str:
    schema = settings.database.schema_name
    async with database_address(settings) as url:
        state = await schema_state(url, schema=schema)
        opened = await Database.open(url, role="weft_api", schema=schema, pool_size=1)
        async with opened as database, database.transaction() as tx:
            version = await tx.scalar("SHOW server_version")
    return f"PostgreSQL {version}, {home}, at migration {state.at}"


async def _blocks() -> str:
    catalog = load_catalog()
    if catalog.problems:
        problem = catalog.problems[0]
        raise WeftError(f"{len(catalog)} blocks; {problem.source}: {problem.message}")
    return f"{len(catalog)} blocks"


async def _sandbox() -> str:
    async with await Sandbox.start() as sandbox:
        filled = await sandbox.render("{{ 6 * 7 }}", {})
    return f"templates work: 6 * 7 = {filled}"


def _tell(findings: list[Finding]) -> None:
    console = stdout()
    for one in findings:
        mark = ("fails", "bold red") if one.exit_code else ("works", "green")
        console.print(Text.assemble(mark, f"  {one.what:<9} {one_line(one.said, 500)}"), soft_wrap=True)


def _list_settings(settings: Settings, *, as_json: bool) -> int:
    lines = settings.describe()
    if as_json:
        write_json({"items": [asdict(line) for line in lines]})
        return ExitCode.DONE
    console = stdout()
    for line in lines:
        is_set = line.source != "default"
        origin = f"   from {line.source}; default {line.default or 'none'}" if is_set else ""
        value = (one_line(line.value) or "(not set)", "cyan" if is_set else "")
        console.print(Text.assemble((line.name, "bold"), " = ", value, (origin, "dim")), soft_wrap=True)
        console.print(Text(f"    {line.description}", style="dim"))
    return ExitCode.DONE
