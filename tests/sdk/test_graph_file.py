"""The native file: equal content, equal bytes."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from weft.errors import InvalidInput
from weft.sdk.graph_file import canonical_bytes

NODE = {"id": "a", "block_id": "text.word_count", "label": "Zähle"}
LINK = {"id": "l", "source_id": "a", "source_name": "words", "sink_id": "b", "sink_name": "value"}


def document(**changes: Any) -> dict[str, Any]:
    return {"weft": 1, "name": "G", "nodes": [NODE], "links": [LINK]} | changes


def test_a_small_graph_is_written_so() -> None:
    text = canonical_bytes(document()).decode()

    assert (
        text
        == """{
  "weft": 1,
  "name": "G",
  "nodes": [
    {
      "id": "a",
      "block_id": "text.word_count",
      "label": "Zähle"
    }
  ],
  "links": [
    {
      "id": "l",
      "source_id": "a",
      "source_name": "words",
      "sink_id": "b",
      "sink_name": "value"
    }
  ]
}
"""
    )


def test_keys_stand_in_one_order_whatever_was_given() -> None:
    turned = dict(reversed(document(nodes=[dict(reversed(NODE.items()))]).items()))

    assert canonical_bytes(turned) == canonical_bytes(document())


def test_defaults_are_left_out() -> None:
    node = NODE | {"input_default": {}, "metadata": {}, "policy": {"attempts": None, "ordered": None}}
    link = LINK | {"is_static": False, "optional_path": False}

    assert canonical_bytes(document(description=None, nodes=(node,), links=(link,))) == canonical_bytes(document())


def test_what_is_no_default_is_kept() -> None:
    node = NODE | {"input_default": {"z": None, "a": 0}, "policy": {"ordered": False, "attempts": 3}}
    link = LINK | {"is_static": True, "optional_path": True}

    written = json.loads(canonical_bytes(document(description="", nodes=[node], links=[link])))

    assert list(written["nodes"][0]["input_default"].items()) == [("z", None), ("a", 0)]
    assert list(written["nodes"][0]["policy"].items()) == [("attempts", 3), ("ordered", False)]
    assert written["links"] == [link]
    assert written["description"] == ""


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=6,
)


@settings(max_examples=30, deadline=None)
@given(st.dictionaries(st.text(), VALUES), st.dictionaries(st.text(), VALUES))
def test_writing_what_was_written_changes_nothing(inputs: dict[str, Any], metadata: dict[str, Any]) -> None:
    first = canonical_bytes(document(nodes=[NODE | {"input_default": inputs, "metadata": metadata}]))

    assert canonical_bytes(json.loads(first)) == first


def deep(levels: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(levels):
        value = [value]
    return value


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"nodes": [NODE | {"colour": 1}]}, r"nodes\[0\] has an unknown key 'colour'"),
        ({"nodes": [NODE, {"id": "b"}]}, r"nodes\[1\] has no 'block_id'"),
        ({"nodes": [NODE | {"policy": {"tries": 1}}]}, r"nodes\[0\]\.policy has an unknown key 'tries'"),
        ({"links": [1]}, r"links\[0\] must be an object"),
        ({"links": {"a": 1}}, "links of the graph must be a list"),
        ({"weft": 2}, "format 2"),
        ({"owner": "x"}, "the graph has an unknown key 'owner'"),
        ({"nodes": [NODE | {"input_default": {"a": float("nan")}}]}, "cannot write"),
        ({"nodes": [NODE | {"input_default": {"a": b""}}]}, "cannot write"),
        ({"name": "\ud800"}, "surrogate"),
        ({"nodes": [NODE | {"input_default": {"a": deep(5000)}}]}, "nested too deeply"),
    ],
)
def test_what_cannot_be_written_is_refused_with_its_place(wrong: dict[str, Any], sentence: str) -> None:
    with pytest.raises(InvalidInput, match=sentence):
        canonical_bytes(document(**wrong))


def test_graphs_that_are_called_stand_behind_the_graph_under_their_keys() -> None:
    inner = {"nodes": [NODE], "links": [], "name": "Inner"}

    text = canonical_bytes(document(sub_graphs={"b": inner, "a": inner | {"description": None}})).decode()

    assert list(json.loads(text)) == ["weft", "name", "nodes", "links", "sub_graphs"]
    assert list(json.loads(text)["sub_graphs"]) == ["b", "a"]
    assert list(json.loads(text)["sub_graphs"]["a"]) == ["name", "nodes", "links"]
    assert canonical_bytes(json.loads(text)).decode() == text
    assert canonical_bytes(document(sub_graphs={})) == canonical_bytes(document())


@pytest.mark.parametrize(
    ("graphs", "sentence"),
    [
        ([], "sub_graphs of the graph must be an object"),
        ({"a": []}, r"sub_graphs\.a must be an object"),
        ({"a": {"nodes": [], "links": []}}, r"sub_graphs\.a has no 'name'"),
        ({"a": {"name": "A", "sub_graphs": {}}}, r"sub_graphs\.a has an unknown key 'sub_graphs'"),
        ({"a": {"name": "A", "nodes": [1]}}, r"sub_graphs\.a\.nodes\[0\] must be an object"),
    ],
)
def test_what_is_wrong_in_a_called_graph_is_told_with_its_key(graphs: Any, sentence: str) -> None:
    with pytest.raises(InvalidInput, match=sentence):
        canonical_bytes(document(sub_graphs=graphs))
