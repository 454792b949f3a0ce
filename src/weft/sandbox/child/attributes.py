"""Which attributes a template may reach: a short list per type, and nothing else."""

from types import BuiltinMethodType, MethodType
from typing import Any

from jinja2.filters import _GroupTuple
from jinja2.runtime import LoopContext, Macro, Undefined
from jinja2.utils import Cycler, Joiner, Namespace

MISSING: Any = object()
"""What `reach` gives when the name leads nowhere."""

# fmt: off
_TEXT = frozenset({
    "capitalize", "casefold", "center", "count", "endswith", "find", "index", "isalnum", "isalpha", "isascii",
    "isdecimal", "isdigit", "islower", "isnumeric", "isspace", "istitle", "isupper", "join", "ljust",
    "lower", "lstrip", "partition", "removeprefix", "removesuffix", "replace", "rfind", "rindex", "rjust",
    "rpartition", "rsplit", "rstrip", "split", "splitlines",
    "startswith", "strip", "swapcase", "title", "upper", "zfill",
})
_LOOP = frozenset({
    "changed", "cycle", "depth", "depth0", "first", "index", "index0", "last", "length", "nextitem",
    "previtem", "revindex", "revindex0",
})
# fmt: on
_REACHABLE: tuple[tuple[type, frozenset[str]], ...] = (
    (str, _TEXT),
    (dict, frozenset({"get", "items", "keys", "values"})),
    (_GroupTuple, frozenset({"grouper", "list"})),
    (list, frozenset({"count", "index"})),
    (tuple, frozenset({"count", "index"})),
    (LoopContext, _LOOP),
    (Cycler, frozenset({"current", "next", "reset"})),
)
_CALLABLE = (Macro, LoopContext, Joiner, BuiltinMethodType, MethodType)


def reach(value: Any, name: str) -> Any:
    """Return what `value.name` means: an item of a dict first, then a listed method; else MISSING."""
    if isinstance(value, Undefined):
        value._fail_with_undefined_error()  # noqa: SLF001 - Jinja2's own way to complain
    if type(value) is dict and name in value:
        return value[name]
    if type(value) is Namespace:
        return MISSING if name.startswith("_") else getattr(value, name, MISSING)
    for kind, names in _REACHABLE:
        if isinstance(value, kind):
            return getattr(value, name) if name in names else MISSING
    return MISSING


def item(value: Any, key: Any) -> Any:
    """Return `value[key]` of a dict, list, tuple, range or text; MISSING where there is none."""
    if not isinstance(value, dict | list | tuple | range | str):
        return MISSING
    try:
        return value[key]
    except (LookupError, TypeError):
        return MISSING


def may_call(value: Any, functions: tuple[Any, ...]) -> bool:
    """Tell whether a template may call `value`: a macro, a loop, a reachable method, one of `functions`."""
    return isinstance(value, _CALLABLE) or any(value is function for function in functions)
