"""`text.split`: a text becomes several."""

from typing import Annotated, ClassVar

from pydantic import Field

from weft.blocks.text.bounds import LongText, check_count, compute
from weft.sdk import Advanced, Block, BlockCategory, BlockError, Emissions, Example, Multiline, Schema


class SplitText(Block, id="text.split", categories=[BlockCategory.PROCESSING]):
    """Cut a text into pieces wherever a delimiter stands."""

    class Input(Schema):
        text: LongText = Field(description="The text")
        delimiter: Annotated[str, Multiline(rows=1)] = Field(
            description="Where to cut, e.g. a comma or a line break; it is left out of the pieces"
        )
        strip: bool = Field(default=True, description="Leave out blanks and line breaks around each piece")
        skip_empty: Annotated[bool, Advanced()] = Field(default=False, description="Leave out pieces without text")

    class Output(Schema):
        texts: list[str] = Field(description="The pieces, in order; none for an empty text")

    examples: ClassVar = [
        Example(Input(text="tea, bread,,milk", delimiter=","), emits=[("texts", ["tea", "bread", "", "milk"])]),
        Example(Input(text="a, b", delimiter=",", strip=False), emits=[("texts", ["a", " b"])]),
        Example(Input(text="a\n\n b \n", delimiter="\n", skip_empty=True), emits=[("texts", ["a", "b"])]),
        Example(Input(text="一、二", delimiter="、"), emits=[("texts", ["一", "二"])]),
        Example(Input(text="", delimiter=","), emits=[("texts", [])]),
        Example(
            Input(text="ab", delimiter=""),
            raises=BlockError("the delimiter is empty, so there is nowhere to cut", "NO_DELIMITER"),
        ),
    ]

    async def run(self, input: Input) -> Emissions:
        if not input.delimiter:
            raise BlockError("the delimiter is empty, so there is nowhere to cut", "NO_DELIMITER")
        yield "texts", await compute(len(input.text), _split, input)


def _split(input: SplitText.Input) -> list[str]:
    if not input.text:
        return []
    check_count(input.text.count(input.delimiter) + 1, "pieces")
    pieces = input.text.split(input.delimiter)
    if input.strip:
        pieces = [piece.strip() for piece in pieces]
    return [piece for piece in pieces if piece] if input.skip_empty else pieces
