"""The sandbox as the rest of the program sees it."""

import json
from collections.abc import Mapping
from types import TracebackType
from typing import Any, NoReturn, Self

from weft.sandbox.errors import PatternError, SandboxTimeout, TemplateError
from weft.sandbox.expressions import ExpressionPool
from weft.sandbox.limits import SandboxLimits
from weft.sandbox.patterns import (
    Match,
    SearchOptions,
    Spans,
    compile_linear,
    make_matches,
    search_linear,
    too_many,
    too_slow,
)
from weft.sandbox.pool import WorkerPool
from weft.sandbox.process import WorkerDiedError
from weft.sandbox.walker import JsonValue


class Sandbox:
    """Renders templates, matches patterns and evaluates expressions that users wrote, within limits.

    One object per process, closed once, at the end. Processes start with the first request that needs them.
    Requests may run side by side; those without a free worker wait in order.
    """

    def __init__(self, limits: SandboxLimits) -> None:
        self._limits = limits
        self._workers = WorkerPool(limits)
        self._expressions = ExpressionPool(limits)

    @classmethod
    async def start(cls, limits: SandboxLimits | None = None) -> "Sandbox":
        """Return a sandbox; no process runs yet."""
        return cls(limits or SandboxLimits())

    async def render(self, template: str, values: Mapping[str, Any], *, escape_html: bool = False) -> str:
        """Return the Jinja2 template filled with `values`, which must be plain JSON.

        `a.b` is an item of `a` first, then one of a short list of methods; Python's attributes cannot be
        reached.

        Raises:
            TemplateError: The template is wrong, too large, uses an unknown name or does what it may not.
            SandboxTimeout: It took too long.
            SandboxUnavailable: No worker was free; nothing was run.
        """
        if len(template) > self._limits.template_chars:
            raise TemplateError(
                f"the template is longer than {self._limits.template_chars} characters", line=None, name=None
            )
        request = {
            "operation": "render",
            "template": template,
            "values": dict(values),
            "escape_html": escape_html,
        }
        request |= {"output_chars": self._limits.output_chars}
        try:
            answer = await self._workers.ask(self._encode(request))
        except (TypeError, ValueError, RecursionError) as error:
            raise TemplateError(f"the values are no plain JSON: {error}", line=None, name=None) from None
        except WorkerDiedError as died:
            if died.timed_out:
                raise SandboxTimeout("the template takes too long and was stopped") from None
            raise TemplateError("the template needs too much memory", line=None, name=None) from None
        if "error" in answer:
            _raise_template_error(answer["error"])
        return str(answer["ok"])

    async def search(
        self,
        pattern: str,
        text: str,
        *,
        group: int | str = 0,
        case_sensitive: bool = True,
        dot_all: bool = True,
        multiline: bool = False,
        find_all: bool = False,
        limit: int | None = None,
    ) -> list[Match]:
        """Return where `pattern` (Python's syntax) matches in `text`: the first place, or all; empty if none.

        Args:
            pattern: A regular expression.
            text: Where to look.
            group: Number or name of the group that `Match.value`, `start` and `end` speak of.
            case_sensitive: False: upper and lower case are the same.
            dot_all: The dot matches line ends too.
            multiline: `^` and `$` match at every line.
            find_all: All matches that do not overlap, from left to right.
            limit: With `find_all`, at most so many; None: all, but more than the sandbox's limit is an error.

        Raises:
            PatternError: The pattern is wrong, has no such group, matches too often or takes too long.
            SandboxUnavailable: No worker was free; nothing was run.
        """
        if len(pattern) > self._limits.pattern_chars:
            raise PatternError(f"the pattern is longer than {self._limits.pattern_chars} characters", position=None)
        how = SearchOptions(
            case_sensitive=case_sensitive,
            dot_all=dot_all,
            multiline=multiline,
            most=self._most(limit) if find_all else 1,
            complain=find_all and (limit is None or limit > self._limits.matches),
        )
        try:
            compiled = compile_linear(pattern, text, how)
            found = compiled and await search_linear(compiled, text, how, most_s=self._limits.cpu_s)
        except UnicodeEncodeError:
            raise PatternError("the pattern or the text holds half of a surrogate pair", position=None) from None
        if found is None:
            found = await self._search_in_worker(pattern, text, how)
        return make_matches(found, text, group)

    def _most(self, limit: int | None) -> int:
        return self._limits.matches if limit is None else max(1, min(limit, self._limits.matches))

    async def evaluate(self, expression: str, variables: Mapping[str, Any]) -> JsonValue:
        """Return the value of a Python expression over `variables`, as plain JSON; tuples become lists.

        Statements may stand before it; the value is that of the last expression, or None.

        Raises:
            ExpressionError: It is wrong, failed, or its value is no plain JSON within the limits.
            SandboxTimeout: It took too long.
            SandboxUnavailable: No process was free; nothing was run.
        """
        return await self._expressions.evaluate(expression, variables)

    async def walls(self) -> dict[str, bool]:
        """Return which walls stand around the workers on this machine, by name; for `doctor` and tests."""
        return await self._workers.walls()

    async def close(self) -> None:
        """End all processes. Takes half a second if expressions were evaluated; call it once, at the end."""
        await self._workers.close()
        await self._expressions.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def _search_in_worker(self, pattern: str, text: str, how: SearchOptions) -> Spans:
        request = {"operation": "search", "pattern": pattern, "text": text, "flags": how.flags}
        try:
            answer = await self._workers.ask(self._encode(request | {"most": how.most, "complain": how.complain}))
        except ValueError:
            raise PatternError("the text is too long for this pattern", position=None) from None
        except WorkerDiedError as died:
            if died.timed_out:
                raise too_slow() from None
            raise PatternError("the pattern needs too much memory on this text", position=None) from None
        if "error" in answer:
            _raise_pattern_error(answer["error"], how.most)
        return Spans([[(start, end) for start, end in match] for match in answer["ok"]["spans"]], answer["ok"]["names"])

    def _encode(self, request: dict[str, Any]) -> bytes:
        body = json.dumps(request | {"cpu_s": self._limits.cpu_s}, allow_nan=False).encode()
        if len(body) > self._limits.request_bytes:
            raise ValueError(f"they are larger than {self._limits.request_bytes} bytes")
        return body


def _raise_template_error(error: dict[str, Any]) -> NoReturn:
    line = error.get("line")
    where = "" if line is None else f" (line {line})"
    raise TemplateError(f"{error['message']}{where}", line=line, name=error.get("name"))


def _raise_pattern_error(error: dict[str, Any], most: int) -> NoReturn:
    if error["kind"] == "too_many":
        raise too_many(most)
    position = error.get("position")
    where = "" if position is None else f" (at character {position})"
    raise PatternError(f"the pattern cannot be used: {error['message']}{where}", position=position)
