"""Running examples through a block's real code, and finding what no example reaches."""

import difflib
import inspect
import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, aclosing
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError
from pydantic_core import PydanticSerializationError

from weft.errors import WeftError
from weft.sdk.block import Block, Emissions
from weft.sdk.context import Context
from weft.sdk.definition import first_problem
from weft.sdk.errors import ControlFlow, ExampleFailed, Wait
from weft.sdk.example import NO_ANSWER, Example
from weft.sdk.kinds import Effect
from weft.sdk.raises import RaiseSite, raise_sites
from weft.sdk.signature import CONTEXT
from weft.sdk.spec import ERROR_PIN

Lend = Callable[[Block, Example], AbstractAsyncContextManager[Context]]
"""Builds the context for one run of an example: the real one, with `ReplyTransport` as its network."""


@dataclass(frozen=True, slots=True)
class Observed:
    """What one run of an example did: its emissions as JSON, and what it was ended by."""

    emitted: tuple[tuple[str, Any], ...]
    waited: Wait | None
    error: Exception | None


async def check_example(block: Block, example: Example, *, lend: Lend) -> None:
    """Run the example and compare; a pure block runs twice and must do the same again.

    Raises:
        ExampleFailed: The block did something else than the example says; the message shows the difference.
    """
    await _check(block, example, await run_example(block, example, lend=lend))
    if block.spec.effect is Effect.PURE:
        again = await run_example(block, example, lend=lend)
        try:
            await _check(block, example, again)
        except ExampleFailed as error:
            raise ExampleFailed(f"{error.message}\n(only in the second run, yet the block is pure)") from error


async def run_example(block: Block, example: Example, *, lend: Lend) -> Observed:
    """Run the example once, `on_answer` too if it holds an answer, and return what happened.

    Raises:
        ExampleFailed: It cannot run so: a credential is missing, a wrong value or unknown pin was emitted.
    """
    if not block.spec.runs:
        raise _failed(block, example, "the block never runs, so it can have no examples")
    if not block.spec.wants_context:
        return await _observe(block, example, {})
    async with lend(block, example) as context:
        return await _observe(block, example, {CONTEXT: context})


async def _observe(block: Block, example: Example, lent: Mapping[str, Any]) -> Observed:
    emitted: list[tuple[str, Any]] = []
    waited: Wait | None = None
    try:
        given = _given(block, example, lent)
        run = block.run(example.input, **_asked(given, block.spec.asks))
        waited = await _drain(block, example, run, emitted)
        if waited is not None and example.answer is not NO_ANSWER:
            state = json.loads(json.dumps(waited.state))
            asked = _asked(given, block.spec.answer_asks)
            again = await _drain(
                block, example, block.on_answer(example.input, state, example.answer, **asked), emitted
            )
            if again is not None:
                raise _failed(block, example, "it waited once more after the answer")
    except ExampleFailed:
        raise
    except Exception as error:  # noqa: BLE001  (whatever the block raised is what the example is compared with)
        return Observed(tuple(emitted), waited, error)
    return Observed(tuple(emitted), waited, None)


async def _drain(block: Block, example: Example, run: Emissions, emitted: list[tuple[str, Any]]) -> Wait | None:
    try:
        async with aclosing(run):
            async for pair in run:
                emitted.append(_read(block, example, pair))  # noqa: PERF401  (kept when the block raises)
    except Wait as wait:
        if not block.spec.waits:
            raise _failed(block, example, "it raised Wait, but has no `on_answer`") from wait
        return wait
    return None


def _asked(given: Mapping[str, Any], names: frozenset[str]) -> dict[str, Any]:
    return {name: given[name] for name in names}


def _given(block: Block, example: Example, lent: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = dict(lent)
    for name, need in block.spec.credentials.items():
        found[name] = example.credentials.get(need.provider)
        if found[name] is None and not need.optional:
            raise _failed(block, example, f"it gives no credential of {need.provider!r}")
    return found


def _read(block: Block, example: Example, pair: Any) -> tuple[str, Any]:
    if not isinstance(pair, tuple) or len(pair) != 2 or pair[0] not in block.spec.outputs or pair[0] == ERROR_PIN:
        raise _failed(block, example, f"it yielded {pair!r}, which is no (pin of Output, value)")
    return pair[0], _plain(block, example, *pair)


def _plain(block: Block, example: Example, pin: str, value: Any) -> Any:
    adapter = block.spec.outputs[pin].adapter
    try:
        return adapter.dump_python(adapter.validate_python(value), mode="json")
    except ValidationError as error:
        raise _failed(block, example, f"{value!r} does not fit pin `{pin}`: {first_problem(error)}") from error
    except PydanticSerializationError as error:
        raise _failed(block, example, f"{value!r} on pin `{pin}` cannot be kept as JSON: {error}") from error


async def _check(block: Block, example: Example, seen: Observed) -> None:
    problem = _difference(block, example, seen) or _ending(example, seen)
    if problem:
        raise _failed(block, example, problem) from seen.error
    pins = block.spec.outputs
    for pin, value in seen.emitted:
        if pins[pin].keyed and len(value) != 1:
            raise _failed(
                block, example, f"it emitted `{pin}` with {len(value)} keys; a value of a Keyed() pin has one"
            )
    counts = Counter((pin, next(iter(value)) if pins[pin].keyed else None) for pin, value in seen.emitted)
    for (pin, _), times in counts.items():
        if times > 1 and not pins[pin].many:
            raise _failed(block, example, f"it emitted `{pin}` {times} times; mark the pin Many() or emit it once")


def _difference(block: Block, example: Example, seen: Observed) -> str | None:
    wanted = tuple((pin, _plain(block, example, pin, value)) for pin, value in example.emits)
    if wanted == seen.emitted and _lines(wanted) == _lines(seen.emitted):
        return None
    changes = difflib.ndiff(_lines(wanted), _lines(seen.emitted))
    shown = "\n".join(line for line in changes if not line.startswith("?"))
    ended = f"\nand was ended by {_name(seen.error)}" if seen.error is not None else ""
    return f"other emissions (- example, + block):\n{shown}{ended}"


def _lines(emitted: Sequence[tuple[str, Any]]) -> list[str]:
    return [f"{pin}: {json.dumps(value, ensure_ascii=False)}" for pin, value in emitted]


def _ending(example: Example, seen: Observed) -> str | None:
    expected = example.raises
    if expected is None and seen.error is not None:
        return f"it raised {_name(seen.error)}"
    if expected is not None and not _is_expected(expected, seen.error):
        found = _name(seen.error) if seen.error is not None else "nothing"
        return f"it should raise {_name(expected)} and raised {found}"
    return _waiting(example.waits, seen.waited)


def _waiting(expected: Wait | None, found: Wait | None) -> str | None:
    if expected is None or found is None:
        return None if expected is found else f"it should wait: {expected!r}; it did: {found!r}"
    for name in ("kind", "key", "title", "until", "state"):
        wanted = getattr(expected, name)
        if wanted is not None and wanted != getattr(found, name):
            return f"its wait has {name} {getattr(found, name)!r}, not {wanted!r}"
    return None


def _is_expected(expected: type[Exception] | Exception, found: Exception | None) -> bool:
    if inspect.isclass(expected):
        return isinstance(found, expected)
    if type(expected) is not type(found) or str(expected) != str(found):
        return False
    return getattr(expected, "error_code", None) == getattr(found, "error_code", None)


def _name(error: type[Exception] | Exception) -> str:
    if inspect.isclass(error):
        return error.__name__
    code = f"[{error.error_code}]" if isinstance(error, WeftError) else ""
    crash = "" if isinstance(error, WeftError | ControlFlow) else " (a crash)"
    return f"{type(error).__name__}{code}({str(error)!r}){crash}"


def _failed(block: Block, example: Example, problem: str) -> ExampleFailed:
    number = next((place for place, known in enumerate(block.examples, start=1) if known is example), None)
    which = f"example {number}" if number is not None else "an example"
    title = f" ({example.title})" if example.title else ""
    return ExampleFailed(f"block {block.id}, {which}{title}: {problem}", block=block.id)


@dataclass(frozen=True, slots=True)
class Coverage:
    """What no example of a block reaches: outputs never emitted, and places that never raised their error."""

    uncovered_pins: tuple[str, ...]
    uncovered_errors: tuple[RaiseSite, ...]

    @property
    def is_complete(self) -> bool:
        """Return whether nothing is left."""
        return not self.uncovered_pins and not self.uncovered_errors


async def coverage(block: Block, *, lend: Lend) -> Coverage:
    """Run all examples and return what they leave out.

    Raises:
        ExampleFailed: An example cannot run at all.
    """
    pins: set[str] = set()
    reached: set[RaiseSite] = set()
    sites = raise_sites(type(block), below=Block)
    for example in block.examples:
        seen = await run_example(block, example, lend=lend)
        pins |= {name for name, _ in seen.emitted}
        reached |= {site for site in sites if seen.error is not None and site.raised(seen.error)}
    return Coverage(
        tuple(name for name in block.spec.outputs if name != ERROR_PIN and name not in pins),
        tuple(site for site in sites if site not in reached),
    )
