"""Expressions and conditions: Python's language in an interpreter that reaches nothing."""

import asyncio
from collections.abc import Mapping
from typing import Any

from pydantic_monty import (
    AsyncMonty,
    CollectString,
    MontyConversionError,
    MontyCrashedError,
    MontyError,
    MontyRuntimeError,
    MontySyntaxError,
)

from weft.sandbox.errors import ExpressionError, SandboxTimeout, SandboxUnavailable
from weft.sandbox.limits import SandboxLimits
from weft.sandbox.walker import JsonValue, ValueRefused, plain_json

_CLOSING_GRACE_S = 0.5
"""Version 1.4.0 may abort the interpreter when the event loop ends right after its pool."""
_LONGEST_MESSAGE = 300
_TOO_LONG = "the expression takes too long and was stopped"


class ExpressionPool:
    """The interpreter's worker processes, started with the first expression."""

    def __init__(self, limits: SandboxLimits) -> None:
        self._limits = limits
        self._pool: AsyncMonty | None = None
        self._starting = asyncio.Lock()
        self._closed = False

    async def evaluate(self, expression: str, variables: Mapping[str, Any]) -> JsonValue:
        """Return the value of the expression, as plain JSON.

        Raises:
            ExpressionError: It is wrong, failed, or its value is no plain JSON within the limits.
            SandboxTimeout: It took too long.
            SandboxUnavailable: No process was free in time.
        """
        if len(expression) > self._limits.expression_chars:
            raise ExpressionError(f"the expression is longer than {self._limits.expression_chars} characters")
        inputs = _checked_variables(variables)
        pool = await self._started()
        try:
            async with pool.checkout(limits=self._resource_limits(), script_name="expression") as session:
                value = await session.feed_run(expression, inputs=inputs, print_callback=CollectString(64 * 1024))
        except TimeoutError:
            raise SandboxUnavailable("no interpreter was free in time") from None
        except MontyError as error:
            raise _translated(error) from None
        try:
            return plain_json(value)
        except ValueRefused as error:
            raise ExpressionError(f"the expression's value is refused: {error}", **error.details) from None

    async def close(self) -> None:
        """End the processes and wait a moment, once; later expressions are refused."""
        self._closed = True
        pool, self._pool = self._pool, None
        if pool is not None:
            await pool.__aexit__(None, None, None)
            await asyncio.sleep(_CLOSING_GRACE_S)

    async def _started(self) -> AsyncMonty:
        async with self._starting:
            if self._closed:
                raise SandboxUnavailable("the sandbox is closed")
            if self._pool is None:
                pool = AsyncMonty(
                    min_processes=1,
                    max_processes=self._limits.workers,
                    checkout_timeout=self._limits.wait_s,
                    request_timeout=self._limits.wall_s,
                    max_checkouts_per_worker=200,
                )
                await pool.__aenter__()
                self._pool = pool
            return self._pool

    def _resource_limits(self) -> Any:
        return {
            "max_feed_duration_secs": self._limits.expression_s,
            "max_memory": self._limits.expression_memory_bytes,
            "max_recursion_depth": self._limits.expression_recursion,
            "max_suspensions": 50,
            "max_total_sleep_secs": 0.0,
        }


def _checked_variables(variables: Mapping[str, Any]) -> dict[str, Any]:
    try:
        inputs = plain_json(dict(variables))
    except ValueRefused as error:
        raise ExpressionError(f"the variables are refused: {error}", **error.details) from None
    assert isinstance(inputs, dict), "a dict stays a dict"
    for name in inputs:
        if not name.isidentifier():
            raise ExpressionError(f"{name[:100]!r} is no name of a variable", name=name[:100])
    return inputs


def _translated(error: MontyError) -> Exception:
    """Return our error for the interpreter's: the user's mistake and its line, nothing else."""
    if isinstance(error, MontyCrashedError):
        return SandboxTimeout(_TOO_LONG) if error.timed_out else ExpressionError("the expression used too much memory")
    if isinstance(error, MontyConversionError):
        return ExpressionError("a variable's type is not supported")
    if not isinstance(error, MontySyntaxError | MontyRuntimeError):
        return ExpressionError("the expression failed")
    inner = error.exception()
    if isinstance(inner, TimeoutError):
        return SandboxTimeout(_TOO_LONG)
    if isinstance(inner, MemoryError):
        return ExpressionError("the expression used too much memory")
    line = next((frame.line for frame in reversed(error.traceback())), None)
    where = "" if line is None else f" (line {line})"
    message = error.display("type-msg")[:_LONGEST_MESSAGE]
    return ExpressionError(f"the expression failed: {message}{where}", line=line)
