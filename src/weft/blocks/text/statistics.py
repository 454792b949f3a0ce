"""`text.statistics`: how long a text is."""

import re
from typing import ClassVar

from pydantic import Field

from weft.blocks.text import characters
from weft.blocks.text.bounds import LongText, compute
from weft.sdk import Block, BlockCategory, Emissions, Example, Schema

_RUN = re.compile("[^SKNC]+")


class TextStatistics(Block, id="text.statistics", categories=[BlockCategory.PROCESSING]):
    """Count the characters, words, sentences, lines and paragraphs of a text.

    A word is what stands between blanks and holds a letter or a digit; each Chinese or Japanese sign is a word of its
    own. A sentence ends at a full stop, an exclamation or a question mark, and at an empty line; abbreviations with
    a dot count as ends. In scripts that write neither blanks nor stops, such as Thai, words and sentences are too few.
    """

    class Input(Schema):
        text: LongText = Field(description="The text")

    class Output(Schema):
        characters: int = Field(description="Characters as people see them; an emoji of several parts is one")
        characters_without_blanks: int = Field(description="The same without blanks and line ends")
        code_points: int = Field(description="Unicode code points; most limits on lengths count these")
        bytes: int = Field(description="Bytes when written as UTF-8")
        words: int = Field(description="Words; each Chinese or Japanese sign is one")
        sentences: int = Field(description="Sentences, headings and items of lists too where an empty line follows")
        lines: int = Field(description="Lines; a line end at the end of the text begins no new one")
        paragraphs: int = Field(description="Parts with letters or digits, between empty lines")

    examples: ClassVar = [
        Example(
            Input(text="Hello, world! How are you?"),
            emits=[
                ("characters", 26),
                ("characters_without_blanks", 22),
                ("code_points", 26),
                ("bytes", 26),
                ("words", 5),
                ("sentences", 2),
                ("lines", 1),
                ("paragraphs", 1),
            ],
        ),
        Example(
            Input(text="你好，世界。\r\n\r\nGrüße 👩‍👩‍👧!\n"),
            emits=[
                ("characters", 17),
                ("characters_without_blanks", 13),
                ("code_points", 23),
                ("bytes", 50),
                ("words", 5),
                ("sentences", 2),
                ("lines", 3),
                ("paragraphs", 2),
            ],
            title="Chinese, and an emoji of five code points",
        ),
        Example(
            Input(text=""),
            emits=[
                ("characters", 0),
                ("characters_without_blanks", 0),
                ("code_points", 0),
                ("bytes", 0),
                ("words", 0),
                ("sentences", 0),
                ("lines", 0),
                ("paragraphs", 0),
            ],
        ),
    ]

    async def run(self, input: Input) -> Emissions:
        counts = await compute(len(input.text), _count, input.text)
        for pin, count in counts.items():
            yield pin, count


def _count(text: str) -> dict[str, int]:
    kinds = characters.kinds(text)
    seen = characters.count_clusters(kinds)
    line_ends = characters.count_line_ends(kinds)
    return {
        "characters": seen,
        "characters_without_blanks": seen - kinds.count("S") - line_ends,
        "code_points": len(text),
        "bytes": len(text.encode()),
        "words": kinds.count("C") + sum("L" in run for run in _RUN.findall(kinds)),
        "sentences": sum(1 for _ in characters.sentences(kinds)),
        "lines": line_ends + (not text.endswith(tuple(characters.LINE_ENDS)) if text else 0),
        "paragraphs": characters.count_paragraphs(kinds),
    }
