from pathlib import Path

from tests.cli import graphs
from tests.cli.conftest import Weft
from weft.sdk.builder import GraphBuilder

NOBODY = "00000000-0000-7000-8000-000000000002"


def with_secret(folder: Path) -> str:
    g = GraphBuilder("Secretive", catalog=graphs.CATALOG)
    g.output("shown", g.input("pin", str, value="hunter2", masked=True))
    return str(g.write(folder / "secretive.json"))


def test_a_clone_is_a_graph_of_its_own_that_runs(weft: Weft, tmp_path: Path) -> None:
    saved = weft("save", graphs.greeting(tmp_path), "--json").json()["graph_id"]

    made = weft("clone", saved, "--name", "给客人", "--json").json()

    assert made == {"graph_id": made["graph_id"], "version": 1, "name": "给客人", "left_out": []}
    assert made["graph_id"] != saved
    run = weft("run", made["graph_id"], "-i", "name=Ada", "--json").json()
    assert run["outputs"] == {"greeting": ["Hello Ada!"]}
    assert weft("diff", saved, made["graph_id"]).out == "Name changed from 'Greeting' to '给客人'\n"


def test_an_older_version_is_cloned_by_its_number(weft: Weft, tmp_path: Path) -> None:
    saved = weft("save", graphs.greeting(tmp_path), "--json").json()["graph_id"]
    weft("save", graphs.greeting(tmp_path, template="Dear {{ name }},"))

    made = weft("clone", f"{saved}@1", "--json").json()

    assert weft("diff", f"{saved}@1", made["graph_id"]).out.startswith("Name changed")
    assert "Dear" not in weft("export", made["graph_id"]).out


def test_a_file_is_cloned_each_time_anew(weft: Weft, tmp_path: Path) -> None:
    file = graphs.greeting(tmp_path)

    first, second = (weft("clone", file, "--json").json() for _ in range(2))

    assert first["graph_id"] != second["graph_id"]
    assert first["name"] == "Greeting"


def test_secrets_stay_behind_and_their_places_are_told(weft: Weft, tmp_path: Path) -> None:
    answer = weft("clone", with_secret(tmp_path))

    assert "left out, a secret: nodes[0].input_default.value" in answer.err
    graph_id = answer.out.split()[-1]
    assert "hunter2" not in weft("export", graph_id).out


def test_what_cannot_be_cloned_leaves_nothing(weft: Weft, tmp_path: Path) -> None:
    file = graphs.greeting(tmp_path)

    for arguments in ((NOBODY,), (file, "--name", ""), (file, "--name", "x" * 101), ("gone.json",)):
        answer = weft("clone", *arguments, "--json")
        assert answer.code == 2
        assert answer.json()["error"]["message"]


def test_a_graph_is_offered_listed_and_taken_back(weft: Weft, tmp_path: Path) -> None:
    saved = weft("save", graphs.greeting(tmp_path), "--json").json()["graph_id"]

    offered = weft("templates", "--add", saved)
    listed = weft("templates", "--search", "greeting", "--json").json()
    shown = weft("templates")
    taken_back = weft("templates", "--remove", saved, "--json").json()

    assert offered.out == f"Greeting is a template now; weft clone {saved}\n"
    (item,) = [item for item in listed["items"] if item["graph_id"] == saved]
    assert (item["name"], item["version"], item["is_mine"], item["description"]) == ("Greeting", 1, True, None)
    assert saved in shown.out
    assert taken_back == {"graph_id": saved, "name": "Greeting", "is_template": False}
    assert saved not in weft("templates").out


def test_an_empty_list_says_how_to_fill_it(weft: Weft) -> None:
    answer = weft("templates", "--search", "no template has this name")

    assert (answer.code, answer.out) == (0, "there are none; weft templates --add ID offers a graph of yours\n")


def test_templates_are_listed_page_by_page(weft: Weft, tmp_path: Path) -> None:
    made = [weft("clone", graphs.greeting(tmp_path), "--name", f"page {at}", "--json").json() for at in range(3)]
    for one in made:
        weft("templates", "--add", one["graph_id"])

    first = weft("templates", "--limit", "2", "--search", "page", "--json").json()
    second = weft("templates", "--after", first["next"], "--search", "page", "--json").json()

    assert [item["name"] for item in first["items"] + second["items"]] == ["page 2", "page 1", "page 0"]
    assert second["next"] is None
    assert "more: weft templates --after" in weft("templates", "--limit", "2").out


def test_bad_words_to_templates_are_refused(weft: Weft) -> None:
    for arguments in (
        ("--add", "x"),
        ("--add", NOBODY),
        ("--remove", NOBODY),
        ("--add", NOBODY, "--remove", NOBODY),
        ("--after", "x"),
    ):
        answer = weft("templates", *arguments, "--json")
        assert answer.code == 2
        assert answer.json()["error"]["message"]
