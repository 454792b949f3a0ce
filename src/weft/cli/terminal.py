"""Words for people: what they see is safe to print, and goes where it belongs."""

import re
import sys
from typing import Any, TextIO

import orjson
from rich.console import Console
from rich.table import Table
from rich.text import Text

from weft.sdk import File

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_SHORTENED = "…"
_PIPE_WIDTH = 240


def stdout() -> Console:
    """Return a console for results."""
    return _console(sys.stdout)


def stderr() -> Console:
    """Return a console for progress and problems."""
    return _console(sys.stderr)


def _console(stream: TextIO) -> Console:
    # Files and pipes have no width of their own; nothing is cut or broken for them.
    return Console(file=stream, highlight=False, width=None if stream.isatty() else _PIPE_WIDTH)


def new_table() -> Table:
    """Return an empty table without lines, its columns two spaces apart."""
    return Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))


def print_table(console: Console, table: Table) -> None:
    """Print a table; without spaces at the ends of lines where no terminal shows it."""
    if console.is_terminal:
        console.print(table)
        return
    with console.capture() as captured:
        console.print(table)
    lines = [line.rstrip() for line in captured.get().splitlines()]
    console.print(Text("\n".join(lines)), soft_wrap=True)


def printable(text: str) -> str:
    """Return the text without signs that would steer the terminal; line ends and tabs stay."""
    return _CONTROL.sub(lambda found: f"\\x{ord(found[0]):02x}", text)


def one_line(text: str, width: int = 200) -> str:
    """Return the text on one line of at most `width` signs."""
    flat = " ".join(printable(text).split())
    return flat if len(flat) <= width else flat[: width - 1] + _SHORTENED


def value_text(value: Any) -> str:
    """Return a value as people read it: texts as they are, files by what they are, all else as JSON."""
    shown = _without_contents(value)
    return printable(shown) if isinstance(shown, str) else orjson.dumps(shown).decode()


def _without_contents(value: Any) -> Any:
    """Return the value with a few words in place of each file."""
    file = File.of_value(value)
    if file is not None:
        return f"{file.name} ({file.media_type}, {bytes_text(file.size)})"
    if isinstance(value, list):
        return [_without_contents(part) for part in value]
    return {key: _without_contents(part) for key, part in value.items()} if isinstance(value, dict) else value


def bytes_text(size: int) -> str:
    """Return a number of bytes in the unit that suits it."""
    if size < 1000:
        return f"{size} byte{'' if size == 1 else 's'}"
    for unit in ("kB", "MB", "GB"):
        size_in_unit = size / 1000
        if size_in_unit < 999.95 or unit == "GB":
            return f"{size_in_unit:.1f} {unit}"
        size //= 1000
    raise AssertionError("the last unit takes all that is left")


def milliseconds(spent: float | None) -> str:
    """Return a duration in the unit that suits it; empty for None."""
    if spent is None:
        return ""
    if spent < 10:
        return f"{spent:.1f} ms"
    return f"{spent:.0f} ms" if spent < 1000 else f"{spent / 1000:.1f} s"
