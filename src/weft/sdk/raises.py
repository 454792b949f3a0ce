"""Where a block's source raises a BlockError."""

import ast
import builtins
import traceback
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import FunctionType
from typing import Any

from weft.sdk.errors import BlockError
from weft.sdk.source import function_node, methods


@dataclass(frozen=True, slots=True)
class RaiseSite:
    """A statement `raise BlockError(...)`, or of a class below it, by file and lines."""

    file: str
    line: int
    end: int
    text: str

    def raised(self, error: BaseException) -> bool:
        """Return whether `error` came from this statement."""
        frames = traceback.walk_tb(error.__traceback__)
        return isinstance(error, BlockError) and any(
            frame.f_code.co_filename == self.file and self.line <= line <= self.end for frame, line in frames
        )

    def __str__(self) -> str:
        return f"line {self.line}: {self.text}"


def raise_sites(cls: type, *, below: type) -> tuple[RaiseSite, ...]:
    """Return the literal raise statements in the methods of `cls` and in what these use of its module.

    In the order of the text. Errors raised by other modules are not seen.
    """
    found: dict[tuple[str, int], RaiseSite] = {}
    for function in _reachable(cls, below):
        node = function_node(function)
        for statement in ast.walk(node) if node is not None else ():
            if isinstance(statement, ast.Raise) and _is_block_error(statement, function.__globals__):
                end = statement.end_lineno or statement.lineno
                text = ast.unparse(statement)
                site = RaiseSite(function.__code__.co_filename, statement.lineno, end, text)
                found[site.file, site.line] = site
    return tuple(found[key] for key in sorted(found))


def _reachable(cls: type, below: type) -> Iterator[FunctionType]:
    waiting = list(methods(cls, below=below))
    seen = set(waiting)
    while waiting:
        function = waiting.pop()
        yield function
        node = function_node(function)
        for part in ast.walk(node) if node is not None else ():
            used = function.__globals__.get(part.id) if isinstance(part, ast.Name) else None
            if isinstance(used, FunctionType) and used.__module__ == function.__module__ and used not in seen:
                seen.add(used)
                waiting.append(used)


def _is_block_error(statement: ast.Raise, names: Mapping[str, Any]) -> bool:
    raised = statement.exc.func if isinstance(statement.exc, ast.Call) else statement.exc
    kind = _resolve(raised, names)
    return isinstance(kind, type) and issubclass(kind, BlockError)


def _resolve(node: ast.expr | None, names: Mapping[str, Any]) -> Any:
    if isinstance(node, ast.Name):
        return names.get(node.id, getattr(builtins, node.id, None))
    if isinstance(node, ast.Attribute):
        return getattr(_resolve(node.value, names), node.attr, None)
    return None
