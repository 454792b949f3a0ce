"""A taste of the simulation in every test run; `make sim` and `make sim-selftest` run the whole."""

import pytest

from tests.simulation.checks import Counts, campaign
from tests.simulation.mutants import MUTANTS
from tests.simulation.selftest import hunt
from weft.executions.planner import Planner


def test_a_hundred_histories_with_a_crash_at_every_point_agree_with_the_oracle() -> None:
    counts = Counts()
    for seed in range(100_000, 100_100):
        counts.add(campaign(seed))
    assert counts.crashes > 800
    assert counts.compared > 300


@pytest.mark.parametrize("mutant", MUTANTS[:6], ids=lambda mutant: mutant.__name__)
def test_a_planted_bug_is_found(mutant: type[Planner]) -> None:
    assert hunt(mutant, 0, 500) is not None
