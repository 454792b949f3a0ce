"""`BlockSpec`: everything the engine reads about a block, computed once when the class is defined."""

from collections.abc import Mapping
from dataclasses import dataclass, is_dataclass
from functools import cached_property
from typing import Annotated, Any, is_typeddict

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter
from pydantic.fields import FieldInfo

from weft.sdk.costs import Price
from weft.sdk.credentials import Needs
from weft.sdk.json_schema import field_schema
from weft.sdk.kinds import BlockCategory, BlockType, Effect
from weft.sdk.schema import Collecting, Keyed, Many, Schema, ui_hints

ERROR_PIN = "error"
"""The output that every block which can fail has by itself."""

_CONFIG = ConfigDict(ser_json_bytes="base64", val_json_bytes="base64")


@dataclass(frozen=True)
class _Pin:
    name: str
    model: type[Schema]
    field: FieldInfo

    @property
    def description(self) -> str:
        """Return what the editor shows beside the pin."""
        return self.field.description or ""

    @property
    def python_type(self) -> Any:
        """Return the type as the class annotates it, without constraints."""
        return self.field.annotation

    @cached_property
    def adapter(self) -> TypeAdapter[Any]:
        """Return the checker of this pin's values alone; built at first use."""
        plain: Any = self.field.annotation
        marks = list(self.field.metadata)
        if self.field.discriminator is not None:
            marks.append(Field(discriminator=self.field.discriminator))
        kind = plain
        for mark in marks:
            kind = Annotated[kind, mark]
        return TypeAdapter(kind, config=None if _has_config(plain) else _CONFIG)


def _has_config(kind: Any) -> bool:
    return is_typeddict(kind) or is_dataclass(kind) or (isinstance(kind, type) and issubclass(kind, BaseModel))


@dataclass(frozen=True)
class InputPin(_Pin):
    """One input of a block.

    Attributes:
        required: No firing without a value; `default` is None then.
        collecting: Takes the list of everything its links bring.
    """

    required: bool
    collecting: bool
    default: Any

    @cached_property
    def schema(self) -> Mapping[str, Any]:
        """Return the JSON schema of a value, complete in itself."""
        return field_schema(self.model, self.name, "validation")


@dataclass(frozen=True)
class OutputPin(_Pin):
    """One output of a block.

    Attributes:
        many: May be emitted several times in one firing.
        keyed: Each value is a dictionary with one key; a link from a part takes the values with its key alone.
    """

    many: bool
    keyed: bool

    @cached_property
    def schema(self) -> Mapping[str, Any]:
        """Return the JSON schema of a value, complete in itself."""
        return field_schema(self.model, self.name, "serialization")


class _Failure(Schema):
    error: str = Field(description="Why the block failed; never empty", min_length=1)


_ERROR = OutputPin(ERROR_PIN, _Failure, _Failure.model_fields[ERROR_PIN], many=False, keyed=False)


@dataclass(frozen=True, slots=True)
class BlockSpec:
    """What a block is, for the engine, the editor and the validator; reading it costs attribute reads only.

    Attributes:
        inputs: By name, in the order of the class.
        outputs: By name, in the order of the class; last `error`, unless the block is input, output or note.
        input_names: The keys of `inputs`.
        asks: Names of the keyword arguments of `run`: `ctx` and credentials.
        answer_asks: The same of `on_answer`.
        wants_context: Either of them asks for `ctx`.
        credentials: What either of them needs, by parameter.
        waits: The block has `on_answer`.
        simple: Pure, asks for nothing and never waits: `block.run(input)` is all there is to do.
        ordered: Deliver in the order of firings; False by default for blocks that wait.
        runs: False for notes, which stand in a graph and never fire.
        blocking: `run` holds up whoever runs it, so a process of its own does.
    """

    id: str
    name: str
    description: str
    aliases: tuple[str, ...]
    block_type: BlockType
    categories: tuple[BlockCategory, ...]
    effect: Effect
    ordered: bool
    runs: bool
    blocking: bool
    input_model: type[Schema]
    output_model: type[Schema]
    inputs: Mapping[str, InputPin]
    outputs: Mapping[str, OutputPin]
    input_names: tuple[str, ...]
    asks: frozenset[str]
    answer_asks: frozenset[str]
    wants_context: bool
    credentials: Mapping[str, Needs]
    waits: bool
    simple: bool
    prices: tuple[Price, ...]


def input_pins(model: type[Schema]) -> dict[str, InputPin]:
    """Return the input pins that the fields of `model` make."""
    return {
        name: InputPin(
            name,
            model,
            field,
            required=field.is_required(),
            collecting=_is_marked(field, Collecting),
            default=None if field.is_required() else field.get_default(call_default_factory=True),
        )
        for name, field in model.model_fields.items()
    }


def _is_marked(field: FieldInfo, mark: type) -> bool:
    return any(isinstance(found, mark) for found in field.metadata)


def output_pins(model: type[Schema], *, fails: bool) -> dict[str, OutputPin]:
    """Return the output pins that the fields of `model` make, and `error` if the block may fail."""
    pins = {
        name: OutputPin(name, model, field, many=_is_marked(field, Many), keyed=_is_marked(field, Keyed))
        for name, field in model.model_fields.items()
    }
    return pins | {ERROR_PIN: _ERROR} if fails else pins


def ui_schema(pins: Mapping[str, InputPin]) -> dict[str, dict[str, object]]:
    """Return the form hints of all inputs that have any, by name."""
    hints = {name: ui_hints(pin.field.metadata) for name, pin in pins.items()}
    return {name: hint for name, hint in hints.items() if hint}
