"""What the documents show is what the program prints."""

import json
import shlex
from pathlib import Path

import pytest

from tests.docs.snippets import DOCUMENTS, ROOT, SESSIONS, all_snippets, snippets, transcript, without_chance
from tests.examples.program import Program

SHOWN = [document for document in DOCUMENTS if document not in SESSIONS and snippets(document, "console")]
JQ = " | jq -c ."


@pytest.mark.parametrize("document", SHOWN, ids=lambda path: str(path.relative_to(ROOT)))
async def test_commands_print_what_the_document_shows(weft: Program, document: Path) -> None:
    for snippet in snippets(document, "console"):
        command, printed = transcript(snippet)
        command, piped, key = command.partition(JQ)

        done = await weft(*shlex.split(command)[1:])

        assert command.startswith("weft "), command
        if piped:
            assert json.loads(done.stdout)[key] == json.loads(printed)
        else:
            assert without_chance(done.stderr + done.stdout) == without_chance(printed), command


@pytest.mark.parametrize("document", SESSIONS, ids=lambda path: path.stem)
async def test_a_newcomer_can_work_through_the_document(weft: Program, tmp_path: Path, document: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    for shipped in ("examples", "tests"):
        (folder / shipped).symlink_to(ROOT / shipped)

    for snippet in all_snippets(document):
        if snippet.language == "python":
            heading, _, _ = snippet.text.partition("\n")
            assert heading.startswith("# "), "a script begins with the name that it is saved under"
            (folder / heading.removeprefix("# ")).write_text(snippet.text)
        if snippet.language == "console":
            command, printed = transcript(snippet)
            done = await weft.run(*shlex.split(command), folder=folder)
            assert without_chance(done.stderr + done.stdout) == without_chance(printed), command


def test_the_readme_shows_five_commands() -> None:
    assert ROOT / "README.md" in SHOWN
    assert len(snippets(ROOT / "README.md", "console")) == 5


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("  completed  Ask  (68 ms)", "  completed  Ask", True),
        ("completed after 1.1 s", "completed after 300 ms", True),
        ("completed after 1.1 s, execution 1", "completed after 300 ms, execution 1", True),
        ("Line  (3 firings, 4 ms)", "Line  (2 firings, 4 ms)", True),
        ("greeting  Hello, Ada!", "greeting  Hello, Bob!", False),
        ("  completed  Ask", "  failed     Ask", False),
        ("error: no 'a'", "error: no 'b'", False),
    ],
)
def test_only_chance_is_taken_out_of_a_transcript(one: str, other: str, same: bool) -> None:
    assert (without_chance(one) == without_chance(other)) is same


async def test_the_recipe_for_a_block_begins_with_one_that_passes(weft: Program, tmp_path: Path) -> None:
    recipe = (ROOT / "CONTRIBUTING.md").read_text()
    assert "`weft block new text.reverse --folder src/weft/blocks/text`" in recipe
    assert "`weft block check text.reverse`" in recipe

    made = await weft("block", "new", "text.reverse", "--folder", str(tmp_path))
    checked = await weft("block", "check", str(tmp_path / "reverse.py"))

    assert (made.code, checked.code) == (0, 0)
    assert "1 passed, 0 failed" in checked.stdout
