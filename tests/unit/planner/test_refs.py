"""Names of values, packed and as JSON: rule 8."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from weft.executions.planning.refs import (
    MAX_EMISSIONS,
    MAX_FIRINGS,
    MAX_NODES,
    Collected,
    Run,
    append_run,
    emission_of,
    inputs_from_json,
    inputs_to_json,
    pack,
    unpack,
    via_of,
)

PLACES = st.tuples(st.integers(0, MAX_NODES - 1), st.integers(0, MAX_FIRINGS - 1), st.integers(0, MAX_EMISSIONS - 1))


def named(place: tuple[int, int, int], via: int) -> int:
    return pack(*place, via)


REFS = st.builds(named, PLACES, st.integers(0, 3))


@given(PLACES, st.integers(0, 1000))
def test_a_reference_holds_its_four_fields(place: tuple[int, int, int], via: int) -> None:
    ref = pack(*place, via)
    assert unpack(ref) == place
    assert via_of(ref) == via
    assert emission_of(ref) == pack(*place)


@given(PLACES, PLACES)
def test_references_sort_by_node_firing_and_number(one: tuple[int, int, int], other: tuple[int, int, int]) -> None:
    assert (pack(*one) < pack(*other)) == (one < other)


def collected(refs: list[int]) -> Collected:
    runs: list[Run] = []
    for ref in refs:
        append_run(runs, ref)
    return Collected(tuple((run[0], run[1], run[2]) for run in runs))


@settings(max_examples=60)
@given(st.lists(REFS, max_size=30))
def test_runs_hold_any_sequence_in_order(refs: list[int]) -> None:
    assert list(collected(refs)) == refs
    assert len(collected(refs)) == len(refs)
    assert collected(refs) == collected(list(refs))


def test_a_fan_and_a_stream_are_one_run_each() -> None:
    assert len(collected([pack(3, index, 0) for index in range(1000)]).runs) == 1
    assert len(collected([pack(3, 0, k) for k in range(1000)]).runs) == 1


@settings(max_examples=60)
@given(st.lists(REFS | st.lists(REFS, max_size=5).map(collected), max_size=5))
def test_inputs_survive_the_journal(inputs: list[int | Collected]) -> None:
    data = json.loads(json.dumps(inputs_to_json(tuple(inputs))))
    assert inputs_from_json(data) == tuple(inputs)


def test_the_journal_names_values_by_node_firing_and_number() -> None:
    assert inputs_to_json((pack(1, 2, 3), pack(1, 2, 3, 1))) == [[1, 2, 3], [1, 2, 3, 1]]
