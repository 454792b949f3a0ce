"""`weft`: parse the arguments, run one command, and turn whatever happened into words and an exit code."""

import atexit
import gc
import logging
import os
import sys
from importlib import metadata
from typing import Annotated, Any

import typer
from typer.exceptions import TyperException

from weft.cli.commands import MARKUP, LazyGroup
from weft.cli.exits import ExitCode, exit_code_of
from weft.cli.failures import report_failure, report_usage
from weft.cli.logs import configure_logs
from weft.errors import WeftError

_VERBOSE = "--verbose"

_HELP = """Weft builds agents as graphs of typed blocks, and runs them so that they always finish.

Begin with `weft demo`. Then:

- `weft run greeting.json --input name=Ada`: run a graph's file
- `weft executions`: what ran, and how it ended
- `weft resume`: go on after a crash
- `weft blocks`: what graphs are made of

Exit codes: 0 done, 1 failed, 2 bad file, input or setting, 3 cancelled, 4 waits for a person, 5 refused by a limit,
6 no database.
"""


def main(args: list[str] | None = None) -> int:
    """Run `weft` with these arguments, those of the process if None, and return its exit code."""
    given = list(sys.argv[1:] if args is None else args)
    for stream in (sys.stdout, sys.stderr):
        getattr(stream, "reconfigure", lambda **_: None)(errors="backslashreplace")
    # A large graph is many small objects that live to the end: looking through them again and again takes a third of the time.
    gc.set_threshold(200_000, 50, 1_000)
    atexit.register(gc.freeze)  # nor are they looked through once more at the end, for what goes away with the process
    configure_logs()
    as_json = "--json" in given
    if _VERBOSE in given:  # allowed anywhere, though it belongs to the program and not to a command
        given = [_VERBOSE, *(one for one in given if one != _VERBOSE)]
    try:
        return int(_program().main(given or ["--help"], prog_name="weft", standalone_mode=False) or 0)
    except WeftError as error:
        report_failure(error, as_json=as_json)
        return exit_code_of(error)
    except TyperException as error:
        report_usage(error, as_json=as_json)
        return error.exit_code
    except typer.Abort:
        return ExitCode.INTERRUPTED
    except BrokenPipeError:
        # The reader of our output went away; Python must not complain about it once more at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitCode.DONE


def _program() -> Any:
    app = typer.Typer(cls=LazyGroup, add_completion=False, rich_markup_mode=MARKUP, help=_HELP)
    app.callback()(_options)
    return typer.main.get_command(app)


def _options(
    version: Annotated[
        bool, typer.Option("--version", help="Print the program's version and end.", is_eager=True)
    ] = False,
    verbose: Annotated[
        bool, typer.Option(_VERBOSE, help="Log what happens inside, to stderr; for every command.")
    ] = False,
) -> None:
    if verbose:
        configure_logs(logging.DEBUG)
    if version:
        print(f"weft {metadata.version('weft')}")
        raise typer.Exit
