"""Pages about blocks in Markdown: one for each block, and a gallery that leads to them."""

import inspect
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from weft.errors import WeftError
from weft.sdk.block import Block
from weft.sdk.block_schema import BlockSchema
from weft.sdk.credentials import Needs
from weft.sdk.errors import NotStarted, RetryLater, Stop
from weft.sdk.example import NO_ANSWER, Example, Reply
from weft.sdk.kinds import BlockCategory, Effect
from weft.sdk.schema import Choices
from weft.sdk.schema_words import type_words
from weft.sdk.spec import InputPin, OutputPin

GALLERY = "README.md"
"""File name of the gallery."""

MARK = "<!-- Written by `weft blocks --pages`; changes here are lost. -->"
"""The first line of every page."""

_TITLES = {
    BlockCategory.INPUT: "Inputs",
    BlockCategory.OUTPUT: "Outputs",
    BlockCategory.AI_ML: "Language models",
    BlockCategory.INTEGRATION: "Other services",
    BlockCategory.PROCESSING: "Processing",
    BlockCategory.DATA: "Lists, dictionaries, files and other data",
    BlockCategory.UTILITY: "Flow, choices and time",
    BlockCategory.CUSTOM: "Own blocks",
}
_ORDER = (*_TITLES, *(category for category in BlockCategory if category not in _TITLES))
_OTHERS = "Others"
_EFFECTS = {
    Effect.PURE: "pure: the same input gives the same output",
    Effect.IDEMPOTENT: "idempotent: reads or computes, and leaves nothing behind",
    Effect.AT_LEAST_ONCE: "at least once: writes; a repetition is recognised by its key",
    Effect.AT_MOST_ONCE: "at most once: writes, and is never repeated unless it surely did not happen",
}
_WAITS = {"time": "the time", "person": "a person", "webhook": "a webhook", "child": "another run"}
_LONGEST_LINE = 400
_MOST_EMISSIONS = 20
_SPECIAL = re.compile(r"([|*<\[\]])")
_CODE = re.compile(r"(`[^`]*`)")


def block_pages(blocks: Iterable[Block]) -> dict[str, str]:
    """Return the page of each block, and the gallery, by file name; links between them are relative."""
    blocks = list(blocks)
    return {GALLERY: gallery(blocks)} | {page_name(block): block_page(block) for block in blocks}


def page_name(block: Block) -> str:
    """Return the file name of a block's page."""
    return f"{block.id}.md"


def gallery(blocks: Iterable[Block]) -> str:
    """Return a page with a line for each block, grouped by its first category, in the order given."""
    groups: dict[str, list[Block]] = {title: [] for title in (*map(_title, _ORDER), _OTHERS)}
    for block in blocks:
        groups[_title(block.categories[0]) if block.categories else _OTHERS].append(block)
    parts = [
        MARK,
        "# Blocks",
        f"{sum(map(len, groups.values()))} blocks; `weft blocks` lists those that are installed.",
    ]
    for title, members in groups.items():
        if members:
            rows = [
                (f"[{_prose(one.name)}]({page_name(one)})", f"`{one.id}`", _prose(one.description)) for one in members
            ]
            parts += [f"## {title}", _table(("Block", "Id", "What it does"), rows)]
    return _page(parts)


def block_page(block: Block) -> str:
    """Return all that people must know of a block to use it."""
    spec = block.spec
    parts = [
        MARK,
        f"# {_prose(spec.name)}",
        f"`{spec.id}` · [All blocks]({GALLERY})",
        *_description(block),
        _facts(block),
    ]
    if spec.inputs:
        rows = [
            (f"`{pin.name}`", _input_type(pin), _default(pin), _prose(pin.description)) for pin in spec.inputs.values()
        ]
        parts += ["## Inputs", _table(("Name", "Type", "Default", "What it is"), rows)]
    if spec.outputs:
        outputs = [(f"`{pin.name}`", _output_type(pin), _prose(pin.description)) for pin in spec.outputs.values()]
        parts += ["## Outputs", _table(("Name", "Type", "What it is"), outputs)]
    if block.examples:
        parts.append("## Examples")
        shown = BlockSchema.of(block).examples
        for example, plain in zip(block.examples, shown, strict=True):
            parts += _example(example, plain)
    if errors := _errors(block.examples):
        parts += ["## Errors", _table(("Code", "As in an example"), errors)]
    return _page(parts)


def _title(category: BlockCategory) -> str:
    return _TITLES.get(category, category.value.replace("_", " ").capitalize())


def _description(block: Block) -> list[str]:
    paragraphs = inspect.cleandoc(type(block).__doc__ or "").split("\n\n")
    return ["\n".join(map(_prose, paragraph.splitlines())) for paragraph in paragraphs]


def _facts(block: Block) -> str:
    spec = block.spec
    facts = [("Effect", _EFFECTS[spec.effect])] if spec.runs else []
    facts.append(("Price", ", ".join(_prose(cost.description) for cost in block.costs) or "free"))
    if spec.categories:
        facts.insert(0, ("Categories", ", ".join(map(_title, spec.categories))))
    if spec.credentials:
        facts.append(("Credentials", ", ".join(map(_need, spec.credentials.values()))))
    if spec.waits:
        facts.append(("Waits", "the run may stop here and go on later"))
    if spec.aliases:
        facts.append(("Also known as", ", ".join(f"`{alias}`" for alias in spec.aliases)))
    return "\n".join(f"- {name}: {text}" for name, text in facts)


def _need(need: Needs) -> str:
    scopes = f" with {', '.join(f'`{scope}`' for scope in sorted(need.scopes))}" if need.scopes else ""
    return f"`{need.provider}`{scopes}{' (may be left out)' if need.optional else ''}"


def _input_type(pin: InputPin) -> str:
    options = [option for mark in pin.field.metadata if isinstance(mark, Choices) for option in mark.options]
    words = _words(pin) + (", e.g. " + ", ".join(map(_code, options)) if options else "")
    return f"{words}; everything that its links bring" if pin.collecting else words


def _output_type(pin: OutputPin) -> str:
    words = f"{_words(pin)}; one key at a time" if pin.keyed else _words(pin)
    return f"{words}; any number of times" if pin.many else words


def _words(pin: InputPin | OutputPin) -> str:
    return _prose(type_words(pin.schema))


def _default(pin: InputPin) -> str:
    if pin.required:
        return "required"
    default = pin.schema.get("default", pin.adapter.dump_python(pin.default, mode="json", warnings=False))
    return _code(_cut(_json(default)))


def _example(example: Example, plain: Mapping[str, Any]) -> list[str]:
    """Return a title, if there is one, and what goes in and comes out, a pin on each line."""
    lines = [_line(pin, value) for pin, value in plain["input"].items()]
    lines += [line for reply in example.http for line in _reply(reply)]
    if example.waits is not None:
        lines += _wait(example)
    emits = plain["emits"]
    lines += [_line(f"→ {pin}", value) for pin, value in emits[:_MOST_EMISSIONS]]
    if len(emits) > _MOST_EMISSIONS:
        lines.append(f"→ … and {len(emits) - _MOST_EMISSIONS} more")
    if example.raises is not None:
        lines.append(f"→ {_ending(example.raises)}")
    elif not emits and example.waits is None:
        lines.append("→ nothing")
    text = "\n".join(lines)
    return [f"**{_prose(example.title)}**" if example.title else "", f"```text\n{text}\n```"]


def _line(name: str, value: Any) -> str:
    return _cut(f"{name}: {_json(value)}")


def _reply(reply: Reply) -> list[str]:
    if reply.json is not None:
        body = _json(reply.json)
    else:
        body = reply.text if reply.text is not None else (reply.content or b"").decode("utf-8", "backslashreplace")
    return [_cut(f"{reply.request}"), _cut(f"  answers {reply.status} {body}".rstrip())]


def _wait(example: Example) -> list[str]:
    wait = example.waits
    assert wait is not None, "only examples that wait come here"
    until = f" until {wait.until.isoformat()}" if wait.until else ""
    lines = [_cut(f"→ waits for {_WAITS[wait.kind]}{until}" + (f": {wait.title}" if wait.title else ""))]
    return lines if example.answer is NO_ANSWER else [*lines, _line("answer", example.answer)]


def _ending(raised: type[Exception] | Exception) -> str:
    kind = raised if isinstance(raised, type) else type(raised)
    said = "" if isinstance(raised, type) or not str(raised) else f": {raised}"
    if issubclass(kind, Stop):
        return _cut(f"ends the run{said}")
    if issubclass(kind, RetryLater | NotStarted):
        return _cut(f"is tried again later{said}")
    code = f" with {raised.error_code}" if isinstance(raised, WeftError) else ""
    return _cut(f"fails{code}{said}")


def _errors(examples: Sequence[Example]) -> list[tuple[str, ...]]:
    """Return a row for each code that an example shows, with the first sentence for it."""
    found: dict[str, str] = {}
    for example in examples:
        if isinstance(example.raises, WeftError):
            found.setdefault(example.raises.error_code, str(example.raises))
    return [(f"`{code}`", _prose(text)) for code, text in found.items()]


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)


def _cut(text: str) -> str:
    """Return the text on one line, without its middle if it is long."""
    flat = " ".join(text.splitlines())
    return flat if len(flat) <= _LONGEST_LINE else f"{flat[: _LONGEST_LINE - 40]} … {flat[-37:]}"


def _code(text: str) -> str:
    """Return the text as code on one line; enough backticks around those that it holds."""
    flat = " ".join(text.split()).replace("|", "\\|")
    if not flat:
        return ""
    longest = max((len(run) for run in re.findall(r"`+", flat)), default=0)
    return f"`{flat}`" if not longest else f"{'`' * (longest + 1)} {flat} {'`' * (longest + 1)}"


def _prose(text: str) -> str:
    """Return the text on one line so that Markdown shows it as it is; code in backticks stays code."""
    parts = _CODE.split(" ".join(text.split()))
    return "".join(part.replace("|", "\\|") if _CODE.fullmatch(part) else _SPECIAL.sub(r"\\\1", part) for part in parts)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _page(parts: Iterable[str]) -> str:
    text = "\n\n".join(part for part in parts if part) + "\n"
    # A lone surrogate, which JSON may hold, has no place in a file.
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
