"""`xml.render`: a value as XML."""

import re
from typing import Annotated, Any, ClassVar

from pydantic import Field

from weft.blocks.text.bounds import GrowingText, compute, weight
from weft.blocks.values import as_text
from weft.sdk import Advanced, Block, BlockCategory, BlockError, Emissions, Example, Schema

_FIRST = (
    "A-Z_a-z\xc0-\xd6\xd8-\xf6\xf8-\u02ff\u0370-\u037d\u037f-\u1fff\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd"
)
_NAME = re.compile(f"[:{_FIRST}][:{_FIRST}0-9.\\-\xb7\u0300-\u036f]*")
_IN_TEXT = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"})
_IN_QUOTES = _IN_TEXT | str.maketrans({'"': "&quot;", "\n": "&#10;", "\t": "&#9;"})
_NOT_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class RenderXml(Block, id="xml.render", name="Render XML", categories=[BlockCategory.DATA]):
    """Write a value as XML, the way `xml.parse` reads it.

    A dictionary becomes an element: names with @ before them are its attributes, `#text` is its text, all others are its
    elements, one for each item where a list stands. Null becomes an empty element.
    """

    class Input(Schema):
        value: Any = Field(
            description="What stands in the outermost element; if `root` is empty a dictionary that names it"
        )
        root: str = Field(default="", description="The name of the outermost element, if the value does not give it")
        indent: int = Field(
            default=2,
            ge=0,
            le=8,
            description="By how many blanks each level is moved to the right; 0 is all in one line",
        )
        declaration: Annotated[bool, Advanced()] = Field(
            default=False, description="Begin with a line that says XML 1.0"
        )

    class Output(Schema):
        text: str = Field(description="The XML")

    examples: ClassVar = [
        Example(
            Input(value={"shop": {"@id": 7, "item": ["tea", "a & b", None], "p": {"@q": '"', "#text": True}}}),
            emits=[
                (
                    "text",
                    '<shop id="7">\n  <item>tea</item>\n  <item>a &amp; b</item>\n  <item/>\n  <p q="&quot;">true</p>\n</shop>',
                )
            ],
        ),
        Example(
            Input(value={"b": {"#text": "t", "c": 1.5}}, root="a", indent=0, declaration=True),
            emits=[("text", '<?xml version="1.0" encoding="UTF-8"?><a><b>t<c>1.5</c></b></a>')],
        ),
        Example(
            Input(value=[], root="a"), raises=BlockError("the outermost element cannot be a list", "NOT_RENDERABLE")
        ),
        Example(
            Input(value={"a": 1, "b": 2}),
            raises=BlockError(
                "the value must be a dictionary with one name, that of the outermost element; or give `root`", "NO_ROOT"
            ),
        ),
        Example(
            Input(value={"two words": 1}), raises=BlockError("'two words' is no name that XML allows", "NOT_RENDERABLE")
        ),
        Example(
            Input(value={"a": {"b": [[1]]}}),
            raises=BlockError("'b' holds a list in a list, which XML has no form for", "NOT_RENDERABLE"),
        ),
        Example(
            Input(value={"a": {"@b": {}}}),
            raises=BlockError("'@b' holds a list or a dictionary, but attributes and texts cannot", "NOT_RENDERABLE"),
        ),
        Example(
            Input(value={"a": "\x1b"}),
            raises=BlockError("a text holds the character U+001B, which XML forbids", "NOT_RENDERABLE"),
        ),
    ]

    async def run(self, input: Input) -> Emissions:
        yield "text", await compute(weight(input.value), _render, input)


def _render(input: RenderXml.Input) -> str:
    name, value = _root(input)
    if isinstance(value, list):
        raise BlockError("the outermost element cannot be a list", "NOT_RENDERABLE")
    written = GrowingText()
    if input.declaration:
        written.add('<?xml version="1.0" encoding="UTF-8"?>' + ("\n" if input.indent else ""))
    _write_element(written, name, value, "\n" if input.indent else "", " " * input.indent)
    return written.text()


def _root(input: RenderXml.Input) -> tuple[str, Any]:
    if input.root:
        return input.root, input.value
    if not isinstance(input.value, dict) or len(input.value) != 1:
        raise BlockError(
            "the value must be a dictionary with one name, that of the outermost element; or give `root`", "NO_ROOT"
        )
    return next(iter(input.value.items()))


def _write_element(written: GrowingText, name: str, value: Any, margin: str, step: str) -> None:
    """Write an element; `margin` is what stands before its end if that is on a line of its own, empty for one line."""
    content = value if isinstance(value, dict) else {"#text": value}
    written.add(f"<{_name(name)}")
    for key, part in content.items():
        if key.startswith("@"):
            written.add(f' {_name(key[1:])}="{_scalar(key, part).translate(_IN_QUOTES)}"')
    text = _scalar(name, content.get("#text")).translate(_IN_TEXT)
    children = [
        (key, child) for key, part in content.items() if key[:1] != "@" and key != "#text" for child in _items(part)
    ]
    if not text and not children:
        written.add("/>")
        return
    written.add(f">{text}")
    # Beside a text blanks would become part of it.
    inner = f"{margin}{step}" if margin and not text else ""
    for key, child in children:
        if isinstance(child, list):
            raise BlockError(f"{key!r} holds a list in a list, which XML has no form for", "NOT_RENDERABLE")
        written.add(inner)
        _write_element(written, key, child, inner, step)
    written.add(f"{margin if inner and children else ''}</{name}>")


def _items(part: Any) -> list[Any]:
    return part if isinstance(part, list) else [part]


def _name(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise BlockError(f"{name!r} is no name that XML allows", "NOT_RENDERABLE")
    return name


def _scalar(key: str, value: Any) -> str:
    if isinstance(value, dict | list):
        raise BlockError(f"{key!r} holds a list or a dictionary, but attributes and texts cannot", "NOT_RENDERABLE")
    text = as_text(value)
    if found := _NOT_XML.search(text):
        raise BlockError(f"a text holds the character U+{ord(found[0]):04X}, which XML forbids", "NOT_RENDERABLE")
    return text
