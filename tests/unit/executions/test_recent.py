"""What was made of versions is kept within bounds."""

from uuid import UUID, uuid4

from weft.executions.recent import Recent


def held(recent: Recent[str], ids: list[UUID]) -> list[bool]:
    return [recent.get(id) is not None for id in ids]


def test_what_was_not_asked_for_longest_is_forgotten_first() -> None:
    recent: Recent[str] = Recent(nodes=33)
    first, second, third, fourth = ids = [uuid4() for _ in range(4)]
    for id in (first, second, third):
        recent.put(id, "x", nodes=10)
    recent.get(first)

    recent.put(fourth, "x", nodes=10)

    assert held(recent, ids) == [True, False, True, True]


def test_one_that_is_larger_than_the_bound_is_held_until_the_next_one_comes() -> None:
    recent: Recent[str] = Recent(nodes=10)
    small, large, next_one = ids = [uuid4() for _ in range(3)]
    recent.put(small, "x", nodes=3)

    recent.put(large, "x", nodes=1_000)
    assert held(recent, ids) == [False, True, False]

    recent.put(next_one, "x", nodes=3)
    assert held(recent, ids) == [False, False, True]


def test_what_is_put_again_counts_once() -> None:
    recent: Recent[str] = Recent(nodes=33)
    first, second = ids = [uuid4() for _ in range(2)]
    for _ in range(10):
        recent.put(first, "x", nodes=10)
    recent.put(second, "y", nodes=10)

    assert held(recent, ids) == [True, True]
    assert len(recent) == 2
