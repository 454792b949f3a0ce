"""YAML as far as JSON reaches: the core schema of YAML 1.2, without aliases and tags.

So `no`, `on`, `1:30` and dates are texts, which by the rules of YAML 1.1 they are not; they are written in quotes, so
that everybody reads them as texts.
"""

import re
from collections.abc import Iterator
from itertools import chain
from typing import Any

import yaml

from weft.blocks.text.bounds import GrowingText, check_count
from weft.blocks.values import as_text, read_number, stored_number
from weft.sdk import BlockError

_LOADER: Any = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader
_DUMPER: Any = yaml.CSafeDumper if yaml.__with_libyaml__ else yaml.SafeDumper
_DEEPEST = 100
_CORE = "tag:yaml.org,2002:"
_TAGS = frozenset({None, "!", f"{_CORE}str", f"{_CORE}map", f"{_CORE}seq"})
_WORDS = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_OCTAL_OR_HEX = re.compile("0o[0-7]+|0x[0-9a-fA-F]+")
_DECIMAL = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_NUMERIC = re.compile("|".join(pattern.pattern for pattern in (_OCTAL_OR_HEX, _DECIMAL, _NOT_FINITE)))
_WIDEST = 2**30
_END = "\n...\n"


def read_yaml(text: str) -> list[Any]:
    """Return the value of each document in the text.

    Raises:
        BlockError: It is no YAML, or says what JSON cannot; the message names the line.
    """
    events = _events(text)
    try:
        starts = _until(events, yaml.StreamEndEvent)
        return [_value(next(events), events, 0) for start in starts if isinstance(start, yaml.DocumentStartEvent)]
    except yaml.MarkedYAMLError as error:
        raise _refusal(f"{error.problem},", error.problem_mark) from error
    except yaml.YAMLError as error:
        raise _refusal("it holds a character that YAML forbids", None) from error


def _events(text: str) -> Iterator[Any]:
    for number, event in enumerate(yaml.parse(text, Loader=_LOADER)):
        check_count(number, "parts")
        yield event


def _until(events: Iterator[Any], end: type) -> Iterator[Any]:
    for event in events:
        if isinstance(event, end):
            return
        yield event


def _refusal(problem: str, mark: Any) -> BlockError:
    place = f" in line {mark.line + 1}" if mark is not None else ""
    return BlockError(f"the YAML cannot be read: {problem}{place}", "NOT_YAML")


def _value(event: Any, events: Iterator[Any], depth: int) -> Any:
    """Return the value that begins with this event; the events it consists of are taken."""
    if isinstance(event, yaml.AliasEvent):
        raise _refusal(f"the alias *{(event.anchor or '')[:80]} is not supported,", event.start_mark)
    if event.tag not in _TAGS:
        raise _refusal(f"the tag {event.tag.replace(_CORE, '!!')[:80]} is not supported,", event.start_mark)
    if isinstance(event, yaml.ScalarEvent):
        return _plain(event) if event.implicit[0] and event.tag is None else event.value
    if depth == _DEEPEST:
        raise _refusal(f"it is nested more than {_DEEPEST} deep", event.start_mark)
    if isinstance(event, yaml.SequenceStartEvent):
        return [_value(item, events, depth + 1) for item in _until(events, yaml.SequenceEndEvent)]
    mapping: dict[str, Any] = {}
    for key in _until(events, yaml.MappingEndEvent):
        mapping[_key(key, mapping)] = _value(next(events), events, depth + 1)
    return mapping


def _key(event: Any, mapping: dict[str, Any]) -> str:
    """Return a key as it is written."""
    if not isinstance(event, yaml.ScalarEvent):
        raise _refusal("a key is no text", event.start_mark)
    if event.value in mapping:
        raise _refusal(f"the key {event.value[:80]!r} stands twice, again", event.start_mark)
    return str(event.value)


def _plain(event: Any) -> Any:
    """Return what a scalar without quotes says."""
    text: str = event.value
    if text in _WORDS:
        return _WORDS[text]
    try:
        if _OCTAL_OR_HEX.fullmatch(text):
            return stored_number(int(text, 0))
    except OverflowError:
        raise _refusal("a number is too large,", event.start_mark) from None
    if _DECIMAL.fullmatch(text):
        number = read_number(text)
        if number is None:
            raise _refusal("a number is too large,", event.start_mark)
        return number
    if _NOT_FINITE.fullmatch(text):
        raise _refusal(f"{text} is no number that JSON holds,", event.start_mark)
    return text


def write_yaml(value: Any, *, indent: int, sort_keys: bool) -> str:
    """Return the value as YAML, in block style; texts that could be taken for something else are in quotes.

    Raises:
        BlockError: The text would be too long.
    """
    stream = _Stream()
    start = (yaml.StreamStartEvent(), yaml.DocumentStartEvent(explicit=False))
    end = (yaml.DocumentEndEvent(explicit=False), yaml.StreamEndEvent())
    events: Iterator[Any] = chain(start, _events_of(value, sort_keys=sort_keys), end)
    yaml.emit(events, stream, _DUMPER, indent=indent, width=_WIDEST, allow_unicode=True)
    text = stream.text()
    return f"{text.removesuffix(_END)}\n" if text.endswith(_END) else text


class _Stream(GrowingText):
    """What the emitter writes to."""

    def write(self, piece: str) -> None:
        self.add(piece)


def _events_of(value: Any, *, sort_keys: bool) -> Iterator[Any]:
    waiting: list[Any] = [value]
    while waiting:
        part = waiting.pop()
        if isinstance(part, yaml.Event):
            yield part
        elif isinstance(part, list):
            yield yaml.SequenceStartEvent(None, None, implicit=True, flow_style=not part)
            waiting += [yaml.SequenceEndEvent(), *reversed(part)]
        elif isinstance(part, dict):
            yield yaml.MappingStartEvent(None, None, implicit=True, flow_style=not part)
            pairs = sorted(part.items()) if sort_keys else part.items()
            waiting.append(yaml.MappingEndEvent())
            for key, inner in reversed(pairs):
                waiting += [inner, _scalar(key, style=None)]
        else:
            yield _scalar(part, style="|" if isinstance(part, str) and "\n" in part else None)


def _scalar(value: Any, *, style: str | None) -> Any:
    is_text = isinstance(value, str)
    text = value if is_text else _written(value)
    may_be_plain = not (is_text and _says_more(text))
    return yaml.ScalarEvent(None, None, (may_be_plain, True), text, style=style)


def _written(value: Any) -> str:
    text = "null" if value is None else as_text(value)
    # Without a dot YAML 1.1 would not take it for a number.
    return text.replace("e", ".0e") if isinstance(value, float) and "e" in text and "." not in text else text


def _says_more(text: str) -> bool:
    """Return whether a text without quotes would be read as something else, by YAML 1.1 or 1.2."""
    if text in _WORDS or _NUMERIC.fullmatch(text):
        return True
    old: Any = yaml.SafeLoader.yaml_implicit_resolvers
    return any(pattern.match(text) for _, pattern in old.get(text[:1], ()))
