"""What is refused while a block class is imported; each refusal names the class and the problem."""

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any, get_origin

from pydantic import ValidationError

from weft.sdk.costs import Price
from weft.sdk.errors import BlockDefinitionError
from weft.sdk.example import Example
from weft.sdk.kinds import BlockCategory, BlockType, Effect
from weft.sdk.schema import Collecting, Keyed, Many, Schema
from weft.sdk.source import assigned_attributes, attributes_used, methods, yields
from weft.sdk.spec import ERROR_PIN

_ID = re.compile(r"[a-z][a-z0-9_-]*(\.[a-z0-9][a-z0-9_-]*)*\Z")
_LONGEST_ID = 200
_CREDENTIAL = re.compile(
    r"(.*_)?(api_?key|passwd|password|passphrase|secret|secret_key|private_key|credentials?)\Z"
    r"|(.*_)?(access|api|auth|bearer|bot|refresh|session)_token\Z|token\Z",
    re.IGNORECASE,
)
_IMPURE = {"http": "ctx.http", "now": "ctx.now()"}


def refuse(cls: type, problem: str) -> BlockDefinitionError:
    """Return the error that names the class and what is wrong with it."""
    return BlockDefinitionError(f"block class {cls.__qualname__} ({cls.__module__}): {problem}")


def check_class(cls: Any, base: type) -> None:
    """Check what does not depend on examples: id, texts, models, methods, state.

    Raises:
        BlockDefinitionError: The first thing found.
    """
    _check_identity(cls)
    _check_model(cls, "Input")
    _check_model(cls, "Output")
    _check_inputs(cls)
    _check_outputs(cls)
    _check_state(cls, base)
    _check_yields(cls)
    if cls.effect is Effect.PURE:
        _check_purity(cls, base)


def _check_identity(cls: Any) -> None:
    for id in (cls.id, *cls.aliases):
        if not isinstance(id, str) or not _ID.match(id) or len(id) > _LONGEST_ID:
            raise refuse(
                cls,
                f'{id!r} is no block id; write id="provider.noun" in lower case letters, digits, "_" and "-"',
            )
    if not (cls.__dict__.get("__doc__") or "").strip():
        raise refuse(cls, "it has no docstring; its first paragraph is the description people see")
    if not isinstance(cls.effect, Effect):
        raise refuse(cls, f"`effect` must be an Effect, found {cls.effect!r}")
    if not isinstance(cls.block_type, BlockType):
        raise refuse(cls, f"`block_type` must be a BlockType, found {cls.block_type!r}")
    for category in cls.categories:
        if not isinstance(category, BlockCategory):
            raise refuse(cls, f"`categories` must hold BlockCategory values, found {category!r}")
    for flag in ("ordered", "runs", "blocking"):
        if not isinstance(getattr(cls, flag), bool):
            raise refuse(cls, f"`{flag}` must be True or False, found {getattr(cls, flag)!r}")


def _check_model(cls: Any, side: str) -> None:
    model = getattr(cls, side, None)
    if model is None:
        raise refuse(cls, f"it has no `class {side}(Schema)`; write one, empty if the block has no such pins")
    if not isinstance(model, type) or not issubclass(model, Schema):
        raise refuse(cls, f"`{side}` must be a class derived from Schema")
    if not model.__pydantic_complete__ and not model.model_rebuild(raise_errors=False):
        raise refuse(cls, f"an annotation in `{side}` names a type that cannot be found")
    for name, field in model.model_fields.items():
        if not (field.description or "").strip():
            raise refuse(cls, f'pin `{name}` of {side} has no description; write Field(description="…")')
        if field.alias or field.validation_alias or field.serialization_alias:
            raise refuse(cls, f"pin `{name}` of {side} has an alias; a pin has one name")
        if "." in name or "[" in name:
            raise refuse(
                cls,
                f"pin `{name}` of {side} has `.` or `[` in its name, which mean parts of a value",
            )


def _check_inputs(cls: Any) -> None:
    for name, field in cls.Input.model_fields.items():
        if _CREDENTIAL.match(name):
            raise refuse(
                cls,
                f"input `{name}` looks like a credential, and inputs are stored with the graph; ask for it "
                f'in `run`: `*, {name}: Annotated[ApiKey, Needs("provider")]`',
            )
        marks = {type(mark) for mark in field.metadata}
        if Many in marks:
            raise refuse(cls, f"input `{name}` is marked Many(), which is for outputs; Collecting() gathers a stream")
        if Keyed in marks:
            raise refuse(cls, f"input `{name}` is marked Keyed(), which is for outputs")
        if Collecting in marks and (get_origin(field.annotation) or field.annotation) is not list:
            raise refuse(cls, f"input `{name}` is marked Collecting() and must be a list, e.g. list[Any]")


def _check_outputs(cls: Any) -> None:
    for name, field in cls.Output.model_fields.items():
        if name == ERROR_PIN:
            raise refuse(cls, "output `error` exists by itself on every block; raise BlockError to use it")
        marks = {type(mark) for mark in field.metadata}
        if Collecting in marks:
            raise refuse(cls, f"output `{name}` is marked Collecting(), which is for inputs; Many() makes a stream")
        if Keyed in marks and (get_origin(field.annotation) or field.annotation) is not dict:
            raise refuse(cls, f"output `{name}` is marked Keyed() and must be a dictionary, e.g. dict[str, Any]")


def _check_state(cls: Any, base: type) -> None:
    for owner in cls.__mro__:
        if owner is base or not issubclass(owner, base):
            continue
        if "__init__" in vars(owner):
            raise refuse(cls, "it has an `__init__`, but blocks hold no state; what varies is an input or a constant")
        for name, value in vars(owner).items():
            mutable = isinstance(value, list | dict | set | bytearray | cached_property)
            if mutable and not name.startswith("__") and name not in {"examples", "price"}:
                raise refuse(
                    cls,
                    f"`{name}` is mutable and shared by all runs; use a tuple or frozenset",
                )
    for method in methods(cls, below=base):
        if names := assigned_attributes(method):
            raise refuse(cls, f"`{method.__name__}` assigns `self.{names[0]}`, but blocks hold no state")


def _check_yields(cls: Any) -> None:
    pins = cls.Output.model_fields
    for name in ("run", "on_answer"):
        method = getattr(cls, name, None)
        for found in yields(method) if callable(method) and hasattr(method, "__code__") else ():
            if not found.pair:
                raise refuse(cls, f'`{name}` yields something else than ("pin", value) in line {found.line}')
            if found.pin == ERROR_PIN:
                raise refuse(cls, f"`{name}` yields `error` in line {found.line}; raise BlockError(message) instead")
            if found.pin is not None and found.pin not in pins:
                known = ", ".join(pins) or "no pins"
                raise refuse(cls, f"`{name}` yields `{found.pin}` in line {found.line}, but Output has {known}")


def _check_purity(cls: Any, base: type) -> None:
    for method in methods(cls, below=base):
        for attribute in sorted(attributes_used(method, "ctx") & set(_IMPURE)):
            raise refuse(
                cls,
                f"`{method.__name__}` uses {_IMPURE[attribute]}, but the block is pure; declare "
                "`effect = Effect.IDEMPOTENT` if it only reads, AT_LEAST_ONCE or AT_MOST_ONCE if it writes",
            )


def read_prices(cls: Any) -> tuple[Price, ...]:
    """Return the prices of the class.

    Raises:
        BlockDefinitionError: One depends on something that is no input.
    """
    for price in cls.price:
        for name in price.when:
            if name not in cls.Input.model_fields:
                raise refuse(cls, f"a price depends on `{name}`, which is no input")
    return tuple(cls.price)


def read_examples(cls: Any, *, waits: bool) -> tuple[Example, ...]:
    """Return the examples of the class, each with a checked `Input`.

    Raises:
        BlockDefinitionError: An example has a wrong input, an unknown pin, or a wait that nothing answers.
    """
    return tuple(_read_example(cls, example, place, waits) for place, example in enumerate(cls.examples, start=1))


def _read_example(cls: Any, example: Example, place: int, waits: bool) -> Example:
    for pin, _ in example.emits:
        if pin not in cls.Output.model_fields:
            raise refuse(cls, f"example {place} emits `{pin}`, but Output has {', '.join(cls.Output.model_fields)}")
    if example.waits is not None and not waits:
        raise refuse(cls, f"example {place} waits, but the block has no `on_answer`")
    if isinstance(example.input, Mapping):
        try:
            return replace(example, input=cls.Input.model_validate(dict(example.input)))
        except ValidationError as error:
            raise refuse(cls, f"example {place} has a wrong input: {first_problem(error)}") from error
    if not isinstance(example.input, cls.Input):
        raise refuse(cls, f"example {place} has an input of another class, {type(example.input).__qualname__}")
    return example


def first_problem(error: ValidationError) -> str:
    """Return the first finding of a pydantic error as one line that names the place."""
    found = error.errors(include_url=False, include_input=False)[0]
    place = ".".join(str(part) for part in found["loc"])
    return f"{place}: {found['msg']}" if place else found["msg"]
