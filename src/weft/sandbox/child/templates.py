"""Render Jinja2 templates over plain JSON data."""

from collections.abc import Mapping
from functools import lru_cache, partial
from traceback import walk_tb
from typing import Any

from jinja2 import BaseLoader, StrictUndefined, Template, Undefined
from jinja2.exceptions import SecurityError, TemplateRuntimeError, TemplateSyntaxError, UndefinedError
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import missing

from weft.sandbox.child.attributes import MISSING, item, may_call, reach

_REMOVED_FILTERS = ("attr", "random")
"""`attr` reaches attributes; `random` makes two runs differ."""
_REMOVED_GLOBALS = ("lipsum",)
_LARGEST_REPEAT = 1_000_000
_LARGEST_POWER_BITS = 20_000
_LONGEST_MESSAGE = 500


class OutputTooLongError(Exception):
    """The template wrote more than it may."""


class UnknownNameError(UndefinedError):
    """The template used a name that stands for nothing."""

    def __init__(self, message: str | None = None, *, name: str | None = None) -> None:
        super().__init__(message)
        self.name = name


class _Unknown(StrictUndefined):
    """A name without a value: an error as soon as it is used, unless asked for by `is defined` or `default`.

    A missing item of a known value may also be tested (`{% if user.nickname %}`); an unknown name may not:
    that is a slip.
    """

    __slots__ = ()

    def __init__(self, hint: str | None = None, obj: Any = missing, name: str | None = None, **kwargs: Any) -> None:
        super().__init__(hint, obj, name, **kwargs)
        if "exc" not in kwargs:
            self._undefined_exception = partial(UnknownNameError, name=name)  # type: ignore[assignment]

    @property
    def _undefined_message(self) -> str:
        if self._undefined_hint:
            return self._undefined_hint
        if self._undefined_obj is missing:
            return f"the name '{self._undefined_name}' is unknown"
        return f"{_describe(self._undefined_obj)} has no '{self._undefined_name}'"

    def __bool__(self) -> bool:  # type: ignore[override]
        if self._undefined_obj is missing:
            self._fail_with_undefined_error()
        return False


def _describe(value: Any) -> str:
    kinds = ((bool, "true or false"), (dict, "an object"), (str, "a text"), (list | tuple, "a list"))
    numbers = ((int | float, "a number"), (type(None), "null"))
    return next((words for kind, words in (*kinds, *numbers) if isinstance(value, kind)), "this value")


class _Environment(ImmutableSandboxedEnvironment):
    """Jinja2's sandbox, narrowed: items before attributes, attributes by list, no large repetition."""

    intercepted_binops = frozenset({"*", "**", "%"})

    def __init__(self, *, escape_html: bool) -> None:
        super().__init__(
            autoescape=escape_html,
            undefined=_Unknown,
            loader=BaseLoader(),
            keep_trailing_newline=True,
            cache_size=0,
        )
        for name in _REMOVED_FILTERS:
            del self.filters[name]
        for name in _REMOVED_GLOBALS:
            del self.globals[name]
        self._functions = tuple(self.globals.values())

    def getattr(self, obj: Any, attribute: str) -> Any:
        found = reach(obj, attribute)
        if found is MISSING:
            return self.undefined(obj=obj, name=attribute)
        return found

    def getitem(self, obj: Any, argument: Any) -> Any:
        if isinstance(obj, Undefined):
            obj._fail_with_undefined_error()  # noqa: SLF001 - Jinja2's own way to complain
        found = item(obj, argument)
        if found is MISSING and isinstance(argument, str):
            # Filters such as `sort(attribute="grouper")` come here for attributes.
            found = reach(obj, argument)
        if found is MISSING:
            return self.undefined(obj=obj, name=str(argument)[:100])
        return found

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:  # noqa: ARG002 - Jinja2's signature
        return False

    def is_safe_callable(self, obj: Any) -> bool:
        if isinstance(obj, Undefined):
            obj._fail_with_undefined_error()  # noqa: SLF001 - Jinja2's own way to complain
        return may_call(obj, self._functions)

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        if operator == "**" and isinstance(left, int) and isinstance(right, int):
            if left.bit_length() * abs(right) > _LARGEST_POWER_BITS:
                raise SecurityError("the power is too large")
        elif operator == "*":
            for text, times in ((left, right), (right, left)):
                is_repetition = isinstance(text, str | list | tuple) and isinstance(times, int)
                if is_repetition and len(text) * times > _LARGEST_REPEAT:
                    raise SecurityError("the repetition is too long")
        return super().call_binop(context, operator, left, right)


_ENVIRONMENTS = {escape: _Environment(escape_html=escape) for escape in (False, True)}


@lru_cache(maxsize=128)
def _compile(source: str, escape_html: bool) -> Template:
    return _ENVIRONMENTS[escape_html].from_string(source)


def render(source: str, values: Mapping[str, Any], escape_html: bool, longest: int) -> str:
    """Return the filled template.

    Raises:
        OutputTooLongError: More than `longest` characters would be written.
        jinja2.TemplateError: The template is wrong, or does what it may not; so do TypeError and its like.
    """
    parts = []
    left = longest
    for part in _compile(source, escape_html).generate(values):
        left -= len(part)
        if left < 0:
            raise OutputTooLongError
        parts.append(part)
    return "".join(parts)


def describe_error(error: Exception) -> dict[str, Any]:
    """Return kind, message, line and name of what went wrong in a template; nothing of the interpreter's."""
    match error:
        case OutputTooLongError():
            kind, message = "too_long", "the template writes too much"
        case TemplateSyntaxError():
            return {"kind": "syntax", "message": _shorten(error.message), "line": error.lineno, "name": None}
        case SecurityError():
            kind, message = "refused", str(error)
        case TemplateRuntimeError():
            kind, message = "runtime", str(error)
        case RecursionError():
            kind, message = "runtime", "the template is nested too deeply"
        case _:
            kind, message = "runtime", f"{type(error).__name__}: {error}"
    return {
        "kind": kind,
        "message": _shorten(message),
        "line": _line(error),
        "name": getattr(error, "name", None),
    }


def _shorten(message: str | None) -> str:
    return (message or "the template cannot be read").split(" at 0x")[0][:_LONGEST_MESSAGE]


def _line(error: Exception) -> int | None:
    """Return the innermost line of the template in the error's trace, which Jinja2 has rewritten."""
    lines = [line for frame, line in walk_tb(error.__traceback__) if frame.f_code.co_filename == "<template>"]
    return lines[-1] if lines else None
