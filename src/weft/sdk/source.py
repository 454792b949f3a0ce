"""Reading a block's own source, so that mistakes in branches no test reaches are still found.

Where the source is not at hand (a class typed into a console, compiled files only) there is nothing to read,
and the functions say so by None or an empty result; the engine checks every emission anyway.
"""

import ast
import linecache
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from types import FunctionType

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Yielded:
    """A `yield` in a block: the pin it names (None if computed), and whether it yields a pair."""

    line: int
    pin: str | None
    pair: bool


@lru_cache(maxsize=8)
def _functions_by_line(text: str) -> dict[int, FunctionNode]:
    found: dict[int, FunctionNode] = {}
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, FunctionNode):
            first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
            found[first] = node
    return found


def function_node(function: FunctionType) -> FunctionNode | None:
    """Return the parsed definition of `function`, or None when its source is not at hand."""
    code = function.__code__
    lines = linecache.getlines(code.co_filename, function.__globals__)
    if not lines:
        return None
    try:
        node = _functions_by_line("".join(lines)).get(code.co_firstlineno)
    except SyntaxError:
        return None
    return node if node is not None and node.name == code.co_name else None


def methods(cls: type, *, below: type) -> Iterator[FunctionType]:
    """Return the functions of `cls` and its bases, those of `below` and overridden ones left out."""
    seen: set[str] = set()
    for owner in cls.__mro__:
        if owner is below or not issubclass(owner, below):
            continue
        for name, member in vars(owner).items():
            function = member.__func__ if isinstance(member, classmethod | staticmethod) else member
            if isinstance(function, FunctionType) and name not in seen:
                seen.add(name)
                yield function


def own_nodes(function: FunctionNode) -> Iterator[ast.AST]:
    """Return all nodes of a function's body, without those of functions and classes defined inside it."""
    waiting: list[ast.AST] = list(reversed(function.body))
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, FunctionNode | ast.Lambda | ast.ClassDef):
            waiting.extend(reversed(list(ast.iter_child_nodes(node))))


def yields(function: FunctionType) -> list[Yielded]:
    """Return what the function yields, in the order of its text."""
    node = function_node(function)
    if node is None:
        return []
    return [_read_yield(inner) for inner in own_nodes(node) if isinstance(inner, ast.Yield)]


def _read_yield(node: ast.Yield) -> Yielded:
    value = node.value
    if isinstance(value, ast.Tuple) and not any(isinstance(part, ast.Starred) for part in value.elts):
        head = value.elts[0] if value.elts else None
        named = isinstance(head, ast.Constant) and isinstance(head.value, str)
        name = head.value if named and isinstance(head, ast.Constant) else None
        computed = head is not None and not isinstance(head, ast.Constant)
        pair = len(value.elts) == 2 and (named or computed)
        return Yielded(node.lineno, name if isinstance(name, str) else None, pair)
    return Yielded(node.lineno, None, value is None or not isinstance(value, ast.Constant))


def assigned_attributes(function: FunctionType) -> list[str]:
    """Return the attributes of its first argument that the function assigns or deletes."""
    node = function_node(function)
    if node is None or not (node.args.posonlyargs or node.args.args):
        return []
    first = (node.args.posonlyargs + node.args.args)[0].arg
    return [
        inner.attr
        for inner in ast.walk(node)
        if isinstance(inner, ast.Attribute)
        and isinstance(inner.ctx, ast.Store | ast.Del)
        and isinstance(inner.value, ast.Name)
        and inner.value.id == first
    ]


def attributes_used(function: FunctionType, variable: str) -> set[str]:
    """Return which attributes of the variable the function reads, e.g. `http` for `ctx.http`."""
    node = function_node(function)
    if node is None:
        return set()
    return {
        inner.attr
        for inner in ast.walk(node)
        if isinstance(inner, ast.Attribute) and isinstance(inner.value, ast.Name) and inner.value.id == variable
    }
