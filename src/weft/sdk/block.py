"""`Block`: one kind of node."""

import re
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from typing import Any, ClassVar

from pydantic import ValidationError

from weft.errors import CredentialsError, ExecutionError, InvalidInput, WeftError
from weft.sdk.costs import BlockCost, Price, matches_filter, select_costs
from weft.sdk.definition import check_class, first_problem, read_examples, read_prices, refuse
from weft.sdk.errors import ControlFlow
from weft.sdk.example import Example
from weft.sdk.kinds import BlockCategory, BlockType, Effect
from weft.sdk.schema import Schema
from weft.sdk.signature import CONTEXT, Asked, read_signature
from weft.sdk.spec import ERROR_PIN, BlockSpec, input_pins, output_pins

Emissions = AsyncGenerator[tuple[str, Any], None]
"""What `run` returns: an async generator of `(pin, value)`."""

_NOTHING = Asked(frozenset(), {})
_WORD_START = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


class Block:
    """One kind of node: typed pins, and what happens between them.

    A subclass writes a docstring, `Input`, `Output`, `examples` and `run`; mistakes are refused while it is
    imported. Blocks hold no state: one instance serves all runs. One that says `blocking = True` runs in a process
    of its own: for code that computes for long, or waits without `await`.

    Class arguments:
        id: "provider.noun", stable for ever; old ones go into `aliases`.
        name: What people see; made from the class's name if left out.
        abstract: A base for other blocks, checked only through them.
    """

    id: ClassVar[str]
    name: ClassVar[str]
    description: ClassVar[str]
    aliases: ClassVar[tuple[str, ...]] = ()
    categories: ClassVar[tuple[BlockCategory, ...]] = ()
    block_type: ClassVar[BlockType] = BlockType.STANDARD
    abstract: ClassVar[bool] = True
    effect: ClassVar[Effect] = Effect.PURE
    ordered: ClassVar[bool] = True
    runs: ClassVar[bool] = True
    blocking: ClassVar[bool] = False
    examples: ClassVar[Sequence[Example]] = ()
    price: ClassVar[Sequence[Price]] = ()
    spec: ClassVar[BlockSpec]
    Input: ClassVar[type[Schema]]
    Output: ClassVar[type[Schema]]
    input_schema: ClassVar[type[Schema]]
    output_schema: ClassVar[type[Schema]]
    costs: ClassVar[tuple[BlockCost, ...]] = ()
    credentials_provider_names: ClassVar[tuple[str, ...]] = ()
    run: Callable[..., Emissions]
    on_answer: Callable[..., Emissions]

    def __init_subclass__(
        cls,
        *,
        id: str | None = None,
        name: str | None = None,
        categories: Sequence[BlockCategory] = (),
        block_type: BlockType | None = None,
        aliases: Sequence[str] = (),
        abstract: bool = False,
    ) -> None:
        super().__init_subclass__()
        cls.abstract = abstract
        cls.categories = tuple(categories) or cls.categories
        cls.block_type = block_type or cls.block_type
        if abstract:
            return
        if id is None:
            raise refuse(cls, 'it has no id; write `class …(Block, id="provider.noun")`')
        cls.id, cls.aliases = id, tuple(aliases)
        cls.name = name or " ".join(_WORD_START.sub(" ", cls.__name__).replace("_", " ").split())
        check_class(cls, Block)
        cls.description = " ".join((cls.__doc__ or "").strip().split("\n\n")[0].split())
        cls.price = read_prices(cls)
        cls.spec = _make_spec(cls)
        cls.ordered = cls.spec.ordered
        cls.examples = read_examples(cls, waits=cls.spec.waits)
        cls.input_schema, cls.output_schema = cls.Input, cls.Output
        cls.costs = tuple(price.cost for price in cls.price)
        needs = cls.spec.credentials.values()
        cls.credentials_provider_names = tuple(dict.fromkeys(n.provider for n in needs if not n.optional))

    def __init__(self) -> None:
        if type(self).abstract:
            raise TypeError(f"{type(self).__qualname__} is an abstract block and cannot run")

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(f"block {type(self).id} holds no state: `{name}` cannot be assigned")

    def __repr__(self) -> str:
        return f"<block {type(self).id}>"

    async def execute(
        self, input_data: Mapping[str, Any], credentials: Mapping[str, Any] | None = None, **kwargs: Any
    ) -> Emissions:
        """Yield what `run` yields for this input, each value checked against `Output`.

        For use outside the engine: no retry, no journal, no waiting. `RetryLater`, `NotStarted`, `Wait` and
        `Stop` pass through unchanged.

        Args:
            input_data: Input values by name.
            credentials: By provider.
            kwargs: Further arguments that `run` may ask for, e.g. `ctx`; what it does not ask for is ignored.

        Raises:
            InvalidInput: The input does not fit `Input`; nothing ran.
            CredentialsError: A needed credential is missing or not valid; nothing ran.
            ExecutionError: The block failed (`BlockError`), crashed, or emitted what `Output` does not allow.
        """
        try:
            given = self.Input.model_validate(dict(input_data))
        except ValidationError as error:
            raise InvalidInput(f"block {self.id}: {first_problem(error)}") from error
        arguments = self._arguments(credentials or {}, kwargs)
        try:
            async with aclosing(self.run(given, **arguments)) as emissions:
                async for pin, value in emissions:
                    yield pin, self._checked(pin, value)
        except (WeftError, ControlFlow):
            raise
        except Exception as error:
            raise ExecutionError(f"block {self.id} crashed: {type(error).__name__}") from error

    def _arguments(self, credentials: Mapping[str, Any], extra: Mapping[str, Any]) -> dict[str, Any]:
        if not self.validate_credentials(credentials):
            names = ", ".join(self.credentials_provider_names)
            raise CredentialsError(f"block {self.id} needs valid credentials of {names}")
        if CONTEXT in self.spec.asks and CONTEXT not in extra:
            raise ExecutionError(f"block {self.id} asks for a context; pass ctx=…")
        found = {name: credentials.get(need.provider) for name, need in self.spec.credentials.items()}
        return {name: extra[name] if name in extra else found[name] for name in self.spec.asks}

    def _checked(self, pin: str, value: Any) -> Any:
        known = self.spec.outputs.get(pin)
        if known is None or pin == ERROR_PIN:
            raise ExecutionError(f"block {self.id} emitted `{pin}`, which is not in its Output")
        try:
            return known.adapter.validate_python(value)
        except ValidationError as error:
            raise ExecutionError(f"block {self.id} emitted a wrong `{pin}`: {first_problem(error)}") from error

    def validate_credentials(self, credentials: Mapping[str, Any]) -> bool:
        """Return whether every needed provider has a credential that says that it is valid."""
        return all(_is_valid(credentials.get(name)) for name in self.credentials_provider_names)

    def get_cost_estimate(self, input_data: Mapping[str, Any]) -> int:
        """Return about what a run costs, in cents; of an input left out its default counts."""
        defaults = {name: pin.default for name, pin in self.spec.inputs.items() if not pin.required}
        whole = defaults | dict(input_data)
        return sum(cost.calculate_cost(input_data) for cost in select_costs(self.costs, whole))

    def _matches_filter(self, input_data: Mapping[str, Any], cost_filter: Mapping[str, Any]) -> bool:
        return matches_filter(input_data, cost_filter)


def _is_valid(credential: Any) -> bool:
    valid = getattr(credential, "is_valid", False) if credential else False
    return bool(valid() if callable(valid) else valid)


def _make_spec(cls: type[Block]) -> BlockSpec:
    asked, answer = _read_methods(cls)
    waits = hasattr(cls, "on_answer")
    says_ordered = any("ordered" in vars(owner) for owner in cls.__mro__ if owner not in {Block, object})
    fails = cls.runs and cls.block_type not in {BlockType.INPUT, BlockType.OUTPUT}
    inputs = input_pins(cls.Input)
    wants_context = CONTEXT in asked.names | answer.names
    credentials = {**asked.credentials, **answer.credentials}
    return BlockSpec(
        id=cls.id,
        name=cls.name,
        description=cls.description,
        aliases=cls.aliases,
        block_type=cls.block_type,
        categories=cls.categories,
        effect=cls.effect,
        ordered=cls.ordered and (says_ordered or not waits),
        runs=cls.runs,
        blocking=cls.blocking,
        input_model=cls.Input,
        output_model=cls.Output,
        inputs=inputs,
        outputs=output_pins(cls.Output, fails=fails),
        input_names=tuple(inputs),
        asks=asked.names,
        answer_asks=answer.names,
        wants_context=wants_context,
        credentials=credentials,
        waits=waits,
        simple=cls.effect is Effect.PURE and not (wants_context or credentials or waits or cls.blocking),
        prices=tuple(cls.price),
    )


def _read_methods(cls: type[Block]) -> tuple[Asked, Asked]:
    if not hasattr(cls, "run"):
        if cls.runs:
            raise refuse(cls, "it has no `run`; write `async def run(self, input: Input) -> Emissions`")
        return _NOTHING, _NOTHING
    try:
        asked = read_signature(cls, "run", ("input",))
        waiting = ("input", "state", "answer")
        return asked, read_signature(cls, "on_answer", waiting) if hasattr(cls, "on_answer") else _NOTHING
    except ValueError as error:
        raise refuse(cls, str(error)) from error
