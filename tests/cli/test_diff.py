from pathlib import Path

from tests.cli import graphs
from tests.cli.conftest import Weft


def two_files(folder: Path) -> tuple[str, str]:
    """The same greeting, once with another template."""
    (folder / "old").mkdir()
    return graphs.greeting(folder / "old"), graphs.greeting(folder, template="Dear {{ name }},")


def test_equal_files_have_no_differences(offline: Weft, tmp_path: Path) -> None:
    file = graphs.greeting(tmp_path)

    assert offline("diff", file, file).out == "no differences\n"
    assert offline("diff", file, file, "--json").json() == {"equal": True, "changes": []}


def test_each_difference_is_a_sentence_and_needs_no_database(offline: Weft, tmp_path: Path) -> None:
    answer = offline("diff", *two_files(tmp_path))

    assert (answer.code, answer.err) == (0, "")
    assert answer.out == (
        "Node 'Greet' (text.fill_template): format changed from 'Hello {{ name }}!' to 'Dear {{ name }},'\n"
    )


def test_programs_get_place_and_values(offline: Weft, tmp_path: Path) -> None:
    assert offline("diff", *two_files(tmp_path), "--json").json() == {
        "equal": False,
        "changes": [
            {
                "kind": "node_value",
                "sentence": (
                    "Node 'Greet' (text.fill_template): format changed from 'Hello {{ name }}!' to 'Dear {{ name }},'"
                ),
                "node_id": "greet",
                "link_id": None,
                "path": "nodes[1].input_default.format",
                "before": "Hello {{ name }}!",
                "after": "Dear {{ name }},",
            }
        ],
    }


def test_what_is_about_the_graph_nodes_and_links_stands_apart(offline: Weft, tmp_path: Path) -> None:
    answer = offline("diff", graphs.greeting(tmp_path), graphs.broken(tmp_path))

    groups = [group.splitlines() for group in answer.out.split("\n\n")]
    assert [len(group) for group in groups] == [1, 4, 2]
    assert groups[0] == ["Name changed from 'Greeting' to 'Broken'"]


def test_versions_of_a_saved_graph_are_compared(weft: Weft, tmp_path: Path) -> None:
    saved = weft("save", graphs.greeting(tmp_path), "--json").json()["graph_id"]
    file = graphs.greeting(tmp_path, template="Dear {{ name }},")
    weft("save", file)

    for before, after in ((f"{saved}@1", f"{saved}@2"), (f"{saved}@1", saved), (f"{saved}@1", file)):
        assert "changed from 'Hello {{ name }}!' to 'Dear" in weft("diff", before, after).out
    assert weft("diff", saved, file).out == "no differences\n"


def test_a_side_that_cannot_be_read_is_refused(offline: Weft, tmp_path: Path) -> None:
    file = graphs.greeting(tmp_path)
    (tmp_path / "list.json").write_text("[1]")

    for other in ("gone.json", "list.json", "00000000-0000-7000-8000-000000000002@one"):
        answer = offline("diff", file, other, "--json")
        assert answer.code == 2
        assert answer.json()["error"]["message"]
