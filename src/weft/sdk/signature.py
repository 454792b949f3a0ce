"""What `run` and `on_answer` ask for: read once, from their annotations."""

import inspect
import types
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from weft.sdk.context import Context
from weft.sdk.credentials import Credential, Needs

CONTEXT = "ctx"


@dataclass(frozen=True, slots=True)
class Asked:
    """The keyword arguments of one method, and which of them are credentials."""

    names: frozenset[str]
    credentials: Mapping[str, Needs]


def read_signature(cls: type, name: str, positional: tuple[str, ...]) -> Asked:
    """Return what the method `name` of `cls` asks for besides its positional arguments.

    Raises:
        ValueError: It is no async generator, or asks for something nobody can give; one sentence.
    """
    method = getattr(cls, name)
    shape = ", ".join(("self", *positional))
    if not inspect.isasyncgenfunction(method):
        raise ValueError(
            f'`{name}` must be an async generator: `async def {name}({shape}) -> Emissions` that yields ("pin", value)'
        )
    parameters = list(inspect.signature(method).parameters.values())[1:]
    plain = [p for p in parameters if p.kind in {p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD}]
    asked = [p for p in parameters if p.kind is p.KEYWORD_ONLY]
    if len(plain) != len(positional) or len(plain) + len(asked) != len(parameters):
        raise ValueError(
            f"`{name}` takes ({shape}) and, after `*`, what it asks for by annotation; "
            f"found ({', '.join(str(p).split(':')[0] for p in parameters)})"
        )
    hints = _hints(cls, method)
    needs = {p.name: _read_parameter(name, p, hints.get(p.name)) for p in asked}
    credentials = {key: need for key, need in needs.items() if need is not None}
    return Asked(frozenset(needs), credentials)


def _hints(cls: type, method: Any) -> dict[str, Any]:
    try:
        return get_type_hints(method, localns=dict(vars(cls)), include_extras=True)
    except (NameError, TypeError) as error:
        raise ValueError(f"an annotation of `{method.__name__}` cannot be read: {error}") from error


def _read_parameter(method: str, parameter: inspect.Parameter, hint: Any) -> Needs | None:
    if hint is Context:
        if parameter.name != CONTEXT:
            raise ValueError(f"`{method}` must call its context `ctx`, not `{parameter.name}`")
        return None
    need = _read_needs(hint)
    if need is None:
        raise ValueError(
            f"nobody can give `{parameter.name}` of `{method}`: annotate it as `Context` or as a credential, "
            'e.g. `Annotated[ApiKey, Needs("github")]`'
        )
    if not need.provider.strip():
        raise ValueError(f"`Needs` of `{parameter.name}` in `{method}` names no provider")
    if need.optional and parameter.default is parameter.empty:
        raise ValueError(f"the optional credential `{parameter.name}` of `{method}` needs the default None")
    return need


def _read_needs(hint: Any) -> Needs | None:
    if get_origin(hint) in {Union, types.UnionType}:
        members = [member for member in get_args(hint) if member is not types.NoneType]
        inner = _read_needs(members[0]) if len(members) == 1 else None
        return replace(inner, optional=True) if inner is not None else None
    if get_origin(hint) is not Annotated:
        return None
    kind, *marks = get_args(hint)
    found = next((mark for mark in marks if isinstance(mark, Needs)), None)
    optional = get_origin(kind) in {Union, types.UnionType}
    if optional:
        kind = next((member for member in get_args(kind) if member is not types.NoneType), None)
    if found is None or not isinstance(kind, type) or not issubclass(kind, Credential):
        return None
    return replace(found, kind=kind, optional=optional)
