"""Which pins depend on timing: rule 13; graphs without one give the same result in every run."""

import pytest

from tests.unit.planner.play import COLLECT, EFFECT, STREAM, UNORDERED, Play


@pytest.mark.parametrize(
    ("links", "named"),
    [
        ("a -> m.x\nb -> m.x", []),
        ("a -> m.x\nb -> m.x\nc -> m.y", ["m.x"]),
        ("a -> m.x\na.other -> m.x\nc -> m.y", []),
        ("s -> n.x static\ng -> n.y", ["n.x"]),
        ("c -> n.x static\ng -> n.y", []),
        ("g -> w.x\ns -> w.y\nw -> n.x", []),
        ("g -> u.x\nu -> n.x\nc -> n.y", ["n.x"]),
        ("g -> u.x\nu -> n.x", []),
        ("c -> u.x\nu -> n.x\nd -> n.y", []),
        ("g -> u.x\nu -> l.list", ["l.list"]),
        ("g -> e.x\ns -> e.x\ne -> l.list", ["l.list"]),
        ("g -> l.list\ns -> l.list", []),
        ("g -> a.x\ng -> b.x\na -> z.x\nb -> z.y", []),
        ("g -> a.x\ng -> u.x\na -> z.x\nu -> z.y", []),
        ("g -> a.x\ng -> b.x\na -> z.x\nb -> z.x\ng -> z.y", ["z.x"]),
        ("g -> a.x\ng -> b.x\na -> z.x\nb -> z.y\ns -> z.z", ["z.x"]),
    ],
)
def test_pins_whose_values_depend_on_timing_are_named(links: str, named: list[str]) -> None:
    play = Play(links, g=STREAM, s=STREAM, l=COLLECT, u=UNORDERED, e=EFFECT)
    assert play.timing() == named
