"""`xml.parse`: the value that an XML text says."""

from collections.abc import Collection
from typing import Annotated, Any, ClassVar
from xml.parsers import expat

from pydantic import Field

from weft.blocks.text.bounds import LongText, check_count, compute
from weft.sdk import Advanced, Block, BlockCategory, BlockError, Emissions, Example, Multiline, Schema

_DEEPEST = 100
_PIECE = 2**18


class ParseXml(Block, id="xml.parse", name="Parse XML", categories=[BlockCategory.DATA]):
    """Read a text in XML as dictionaries, lists and texts.

    An element is a dictionary: its attributes by name with @ before it, its elements by name, its text under `#text`.
    One with neither attributes nor elements is its text alone. Elements of one name become a list. Blanks around texts,
    comments and the order of texts between elements are left out. Documents with a DTD of their own are refused.
    """

    class Input(Schema):
        input_xml: Annotated[LongText, Multiline()] = Field(description="The text")
        always_list: Annotated[list[str], Advanced()] = Field(
            default_factory=list, description="Elements that become a list even where there is only one"
        )

    class Output(Schema):
        parsed_xml: dict[str, Any] = Field(description="The outermost element by its name")

    examples: ClassVar = [
        Example(
            Input(input_xml='<shop id="7"><item>tea</item><item>a &amp; b</item><note/></shop>'),
            emits=[("parsed_xml", {"shop": {"@id": "7", "item": ["tea", "a & b"], "note": ""}})],
        ),
        Example(
            Input(
                input_xml='\n<?xml version="1.0" encoding="latin1"?><p:a xmlns:p="urn:p">ä <b x="1">é</b> <![CDATA[<]]></p:a>',
                always_list=["b"],
            ),
            emits=[("parsed_xml", {"p:a": {"@xmlns:p": "urn:p", "b": [{"@x": "1", "#text": "é"}], "#text": "ä  <"}})],
        ),
        Example(
            Input(input_xml="<a><b></a>"),
            raises=BlockError("the text is no XML: mismatched tag in line 1, character 9", "NOT_XML"),
        ),
        Example(
            Input(input_xml='<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'),
            raises=BlockError("the text declares a DTD of its own, which is refused", "DTD_REFUSED"),
        ),
        Example(
            Input(input_xml='<!DOCTYPE a SYSTEM "a.dtd"><a>&nbsp;</a>'),
            raises=BlockError("the text uses the entity &nbsp;, which it does not declare", "NOT_XML"),
        ),
        Example(
            Input(input_xml="<a>" * 101),
            raises=BlockError("the elements are nested more than 100 deep", "TOO_DEEP"),
        ),
    ]

    async def run(self, input: Input) -> Emissions:
        yield "parsed_xml", await compute(len(input.input_xml), _parse, input.input_xml, frozenset(input.always_list))


def _parse(text: str, always_list: Collection[str]) -> dict[str, Any]:
    reader = _Reader(always_list)
    parser = expat.ParserCreate("utf-8")
    parser.buffer_text = True
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    parser.StartDoctypeDeclHandler = _refuse_dtd
    parser.SkippedEntityHandler = _refuse_entity
    document = text.removeprefix("\ufeff").lstrip()
    try:
        # In pieces, because the parser reads what it was given to its end before it tells of a refusal.
        for start in range(0, len(document), _PIECE):
            parser.Parse(document[start : start + _PIECE], False)
        parser.Parse("", True)
    except expat.ExpatError as error:
        problem = f"{expat.ErrorString(error.code)} in line {error.lineno}, character {error.offset + 1}"
        raise BlockError(f"the text is no XML: {problem}", "NOT_XML") from error
    return reader.document


def _refuse_dtd(_name: str, _system: str | None, _public: str | None, has_internal_subset: int) -> None:
    if has_internal_subset:
        raise BlockError("the text declares a DTD of its own, which is refused", "DTD_REFUSED")


def _refuse_entity(name: str, _is_parameter: int) -> None:
    raise BlockError(f"the text uses the entity &{name};, which it does not declare", "NOT_XML")


class _Reader:
    """Builds the value of a document from what the parser tells."""

    def __init__(self, always_list: Collection[str]) -> None:
        self.document: dict[str, Any] = {}
        self._always_list = always_list
        self._open: list[tuple[dict[str, Any], list[str]]] = [(self.document, [])]
        self._elements = 0

    def start(self, _name: str, attributes: dict[str, str]) -> None:
        self._elements += 1 + len(attributes)
        check_count(self._elements, "elements and attributes")
        if len(self._open) > _DEEPEST:
            raise BlockError(f"the elements are nested more than {_DEEPEST} deep", "TOO_DEEP")
        self._open.append(({f"@{key}": value for key, value in attributes.items()}, []))

    def text(self, text: str) -> None:
        self._open[-1][1].append(text)

    def end(self, name: str) -> None:
        content, texts = self._open.pop()
        text = "".join(texts).strip()
        value: Any = content
        if not content:
            value = text
        elif text:
            content["#text"] = text
        self._put(self._open[-1][0], name, value)

    def _put(self, parent: dict[str, Any], name: str, value: Any) -> None:
        if name not in parent:
            parent[name] = [value] if name in self._always_list else value
        elif isinstance(parent[name], list):
            parent[name].append(value)
        else:
            parent[name] = [parent[name], value]
