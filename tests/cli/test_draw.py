from pathlib import Path

import pytest

from tests.cli import graphs
from tests.cli.conftest import Weft
from tests.graphs.pictures import Picture
from weft.sdk.builder import GraphBuilder


def test_a_file_is_drawn_without_a_database(offline: Weft, tmp_path: Path) -> None:
    answer = offline("draw", graphs.greeting(tmp_path))

    assert (answer.code, answer.err) == (0, "")
    assert [card.texts[0] for card in Picture(answer.out).cards()] == ["name", "Greet", "greeting"]


def test_the_name_of_the_output_chooses_the_format(offline: Weft, tmp_path: Path) -> None:
    file = graphs.greeting(tmp_path)

    for name, option, begin in (
        ("a.svg", (), "<svg"),
        ("a.mmd", (), "---"),
        ("a.Mermaid", (), "---"),
        ("a.mmd", ("--format", "svg"), "<svg"),
    ):
        answer = offline("draw", file, "-o", name, *option)
        assert (answer.code, answer.out, answer.err) == (0, "", "")
        assert (tmp_path / name).read_text().startswith(begin)


def test_a_theme_is_kept_to(offline: Weft, tmp_path: Path) -> None:
    file = graphs.greeting(tmp_path)

    assert 'class="weft-dark"' in offline("draw", file, "--theme", "dark").out
    assert 'class="weft-auto"' in offline("draw", file).out


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ((), "name a graph's file or id, or an execution with --execution"),
        (("gone.json",), "there is no file gone.json"),
        (("00000000-0000-7000-8000-000000000002@0",), "a version is a whole number from 1 on"),
        (("--execution", "x"), "'x' is no id of an execution"),
    ],
)
def test_what_cannot_be_drawn_is_said_in_one_sentence(offline: Weft, arguments: tuple[str, ...], sentence: str) -> None:
    answer = offline("draw", *arguments)

    assert (answer.code, answer.out) == (2, "")
    assert sentence in answer.err


def test_an_output_that_cannot_be_written_is_refused(offline: Weft, tmp_path: Path) -> None:
    answer = offline("draw", graphs.greeting(tmp_path), "-o", "no/such/folder.svg")

    assert answer.code == 2
    assert "no/such/folder.svg cannot be written: No such file or directory" in answer.err


def test_links_to_nowhere_are_left_out_with_a_warning(offline: Weft, tmp_path: Path) -> None:
    file = Path(graphs.greeting(tmp_path))
    file.write_text(file.read_text().replace('"sink_id": "greet"', '"sink_id": "gone"'))

    answer = offline("draw", str(file))

    assert (answer.code, len(Picture(answer.out).wires())) == (0, 1)
    assert "links of nodes that are not there are left out: 1" in answer.err


def test_saved_graphs_are_drawn_in_any_version(weft: Weft, tmp_path: Path) -> None:
    saved = weft("save", graphs.greeting(tmp_path), "--json").json()["graph_id"]
    g = GraphBuilder("Greeting", catalog=graphs.CATALOG)
    g.add("flow.note", "Only this")
    g.write(tmp_path / "greeting.json")
    weft("save", "greeting.json")

    assert len(Picture(weft("draw", saved).out).cards()) == 1
    assert len(Picture(weft("draw", f"{saved}@1").out).cards()) == 3
    missing = weft("draw", f"{saved}@3")
    assert (missing.code, missing.out) == (2, "")
    assert "has no version 3" in missing.err


def test_a_run_is_drawn_as_it_ran(weft: Weft, tmp_path: Path) -> None:
    file = graphs.untaken(tmp_path)
    run = weft("run", file, "-i", "n=7", "--json").json()
    drawn = weft("draw", "--execution", run["execution_id"])
    graphs.greeting(tmp_path)

    picture = Picture(drawn.out)
    assert picture.card("n").texts[-1] == "given"
    assert picture.card("large").texts[-2:] == ("not run", "no value for 'value'")
    assert picture.card("small").classes == "card completed"
    for named in (file, run["graph_id"], f"{run['graph_id']}@1"):
        assert weft("draw", named, "--execution", run["execution_id"]).out == drawn.out
    other = weft("draw", "greeting.json", "--execution", run["execution_id"])
    assert other.out == drawn.out
    assert "greeting.json is not as it ran; version 1, which did, is drawn" in other.err
    wrong = weft("draw", f"{run['graph_id']}@2", "--execution", run["execution_id"])
    assert (wrong.code, wrong.out) == (2, "")
    assert "ran version 1 of graph" in wrong.err


def test_a_run_that_is_not_there_is_refused(weft: Weft) -> None:
    answer = weft("draw", "--execution", "00000000-0000-7000-8000-000000000002")

    assert (answer.code, answer.out) == (2, "")
