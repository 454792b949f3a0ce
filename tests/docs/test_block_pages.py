"""The pages in docs/blocks are those that the blocks make, and what stands in them reads as it was meant."""

from pathlib import Path
from typing import Annotated, Any

import pytest
from pydantic import Field

from tests.blocks.library import BLOCKS
from tests.cli.conftest import Weft, offline
from tests.docs.snippets import ROOT
from weft.sdk import (
    Block,
    BlockCategory,
    BlockError,
    Choices,
    Collecting,
    Emissions,
    Example,
    Many,
    Price,
    Reply,
    RetryLater,
    Schema,
    Wait,
)
from weft.sdk.pages import GALLERY, MARK, block_page, block_pages, gallery
from weft.sdk.schema_words import type_words

FOLDER = ROOT / "docs" / "blocks"
MENDED_BY = "weft blocks --pages docs/blocks"

__all__ = ["offline"]


def test_the_pages_are_those_of_the_blocks() -> None:
    wanted = block_pages(block for block in BLOCKS if not block.id.startswith("testing."))
    found = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.md")}

    stale = sorted(name for name in wanted.keys() | found.keys() if wanted.get(name) != found.get(name))

    assert stale == [], f"mend these pages by: {MENDED_BY}"


def test_the_gallery_leads_to_every_block_once() -> None:
    text = gallery(BLOCKS)

    assert [block.id for block in BLOCKS if text.count(f"]({block.id}.md) | `{block.id}` |") != 1] == []


class Peculiar(Block, id="toy.peculiar", categories=[BlockCategory.CUSTOM], aliases=["toy.old"]):
    """Do | what <b>nobody</b> expects.

    See `a|b`
    and more.
    """

    class Input(Schema):
        items: Annotated[list[int], Collecting()] = Field(description="Numbers | items")
        level: Annotated[float, Field(ge=0, lt=1)] = Field(default=0.5, description="How much")
        tick: Annotated[str, Choices("a|b")] = Field(default="`|`", description="A `tick | tack`")

    class Output(Schema):
        word: Annotated[str, Many()] = Field(description="Each word")

    price = (Price(2),)
    examples = (
        Example({"items": [1]}, emits=[("word", "a|b\n```")] * 22, title="many <i>"),
        Example({"items": []}),
        Example(
            {"items": [2]}, raises=BlockError("no | 2", "NO_TWO"), http=[Reply("GET https://example.com/", text="no")]
        ),
        Example({"items": [3]}, raises=RetryLater("busy")),
        Example({"items": [4]}, waits=Wait("person", title="Well?"), answer={"yes": True}),
        Example({"items": [5] * 500}),
    )

    async def run(self, input: Input) -> Emissions:
        yield "word", str(input.items)

    async def on_answer(self, input: Input, state: Any, answer: Any) -> Emissions:
        yield "word", str(answer)


PAGE = block_page(Peculiar())


@pytest.mark.parametrize(
    "part",
    [
        "# Peculiar\n",
        "Do \\| what \\<b>nobody\\</b> expects.\n\nSee `a\\|b`\nand more.\n",
        "- Categories: Own blocks\n",
        "- Price: 2 credits per run\n",
        "- Waits: the run may stop here and go on later\n",
        "- Also known as: `toy.old`\n",
        "| `items` | list of whole number; everything that its links bring | required | Numbers \\| items |\n",
        "| `level` | number from 0 to 1 (not included) | `0.5` | How much |\n",
        '| `tick` | text, e.g. `a\\|b` | `` "`\\|`" `` | A `tick \\| tack` |\n',
        "| `word` | text; any number of times | Each word |\n",
        '**many \\<i>**\n\n```text\nitems: [1]\n→ word: "a|b\\n```"\n',
        "→ … and 2 more\n```\n",
        "items: []\n→ nothing\n```\n",
        "items: [2]\nGET https://example.com/\n  answers 200 no\n→ fails with NO_TWO: no | 2\n```\n",
        "→ is tried again later: busy\n```\n",
        '→ waits for a person: Well?\nanswer: {"yes": true}\n```\n',
        "| `NO_TWO` | no \\| 2 |\n",
    ],
)
def test_a_page_shows(part: str) -> None:
    assert part in PAGE


def test_no_line_of_an_example_is_endless() -> None:
    assert max(map(len, PAGE.splitlines())) <= 420


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({}, "anything"),
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, "text or null"),
        ({"type": ["integer", "null"]}, "whole number or null"),
        ({"enum": ["a", 1, True]}, "`a`, `1`, `true`"),
        ({"const": None}, "`null`"),
        ({"type": "string", "format": "date"}, "date"),
        ({"type": "array", "items": {"type": "array", "items": {}}}, "list of list"),
        ({"type": "object", "additionalProperties": {"type": "number"}}, "dictionary of number"),
        ({"type": "object", "properties": {"a": {}, "b": {}}}, "dictionary with `a`, `b`"),
        ({"type": "object", "format": "file", "properties": {"name": {}}}, "file"),
        ({"$ref": "#/$defs/Tree"}, "anything"),
        ({"type": "integer", "minimum": 1, "maximum": 5000.0}, "whole number from 1 to 5,000"),
    ],
)
def test_a_type_is_told_in_words(schema: dict[str, Any], words: str) -> None:
    assert type_words(schema) == words


def test_the_command_writes_pages_and_removes_only_its_own_old_ones(offline: Weft, tmp_path: Path) -> None:
    folder = tmp_path / "new" / "pages"
    first = offline("blocks", "--pages", str(folder))
    (folder / "gone.block.md").write_text(f"{MARK}\n\n# Gone\n")
    (folder / "notes.md").write_text("# Mine\n")

    second = offline("blocks", "--pages", str(folder), "--json")

    assert (first.code, second.code) == (0, 0)
    assert f"begin with {folder / GALLERY}" in first.out
    assert second.json()["removed"] == ["gone.block.md"]
    assert {path.name for path in folder.iterdir()} == {"notes.md", *second.json()["pages"]}
    assert (folder / "text.combine.md").read_text(encoding="utf-8").startswith(MARK)


def test_a_folder_that_is_a_file_is_refused(offline: Weft, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")

    answer = offline("blocks", "--pages", "taken", "--json")

    assert (answer.code, answer.json()["error"]["place"]) == (2, "taken")
