"""The pictures of the documents are those that `weft draw` makes of the graphs beside them."""

from pathlib import Path

import pytest

import weft
from tests.docs.snippets import ROOT
from weft.graphs.validation import check_graph
from weft.sdk import Catalog

FOLDER = ROOT / "docs" / "how-it-works" / "pictures"
PICTURES = sorted(FOLDER.glob("*.svg"))
SOURCES = (ROOT / "docs" / "how-it-works" / "graphs", ROOT / "examples")


def source_of(picture: Path) -> Path:
    (found,) = [path for folder in SOURCES if (path := folder / f"{picture.stem}.json").exists()]
    return found


@pytest.mark.parametrize("picture", PICTURES, ids=lambda path: path.stem)
def test_a_picture_is_drawn_from_its_graph(picture: Path) -> None:
    source = source_of(picture)
    mend = f"weft draw {source.relative_to(ROOT)} -o {picture.relative_to(ROOT)}"

    assert picture.read_text(encoding="utf-8") == weft.draw(source).svg(), f"mend it by: {mend}"


@pytest.mark.parametrize("source", sorted(SOURCES[0].glob("*.json")), ids=lambda path: path.stem)
def test_a_graph_that_is_shown_can_run(source: Path) -> None:
    drawing = weft.draw(source)

    assert check_graph(drawing.content, Catalog.load(), for_run=True) == []


def test_every_picture_is_shown_and_every_graph_drawn() -> None:
    page = (FOLDER.parent / "engine.md").read_text(encoding="utf-8")
    drawn = {picture.stem for picture in PICTURES}

    assert len(PICTURES) > 3
    assert [picture.name for picture in PICTURES if f"](pictures/{picture.name})" not in page] == []
    assert {source.stem for source in SOURCES[0].glob("*.json")} <= drawn
