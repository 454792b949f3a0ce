"""What counts as a sign that a firing ends its workers: the same firing, in several lost claims without a gap (rule 35)."""

import pytest

from weft.executions.care import Care

FIRING, OTHER = (2, 0), (3, 0)


def care_after(*starts: tuple[tuple[int, int], int], token: int, hosted: bool = True) -> Care:
    """Return what the claim of a token knows after starts, each of a firing by the claim of another token."""
    care = Care(1, token)
    for place, by in starts:
        care.started(place, token=by, hosted=hosted)
    return care


@pytest.mark.parametrize(("hosted", "losses"), [(True, 4), (False, 2)])
def test_firing_is_named_after_so_many_losses_in_a_row_and_not_before(hosted: bool, losses: int) -> None:
    tokens = [1 + 2 * number for number in range(losses)]
    known = [
        care_after(*((FIRING, by) for by in tokens[:count]), token=tokens[count - 1] + 2, hosted=hosted)
        for count in range(1, losses + 1)
    ]

    assert [care.culprit() for care in known] == [None] * (losses - 1) + [FIRING]
    assert [care.taken for care in known[:-1]] == [True] * (losses - 1)


@pytest.mark.parametrize("hosted", [True, False])
def test_claim_that_was_lost_before_the_firing_began_ends_the_row(hosted: bool) -> None:
    starts = [(FIRING, 1), (FIRING, 3), (FIRING, 5), (FIRING, 9)] if hosted else [(FIRING, 1), (FIRING, 5)]

    assert care_after(*starts, token=starts[-1][1] + 2, hosted=hosted).culprit() is None


def test_claim_that_was_lost_after_the_last_start_ends_the_row() -> None:
    assert care_after((FIRING, 1), (FIRING, 3), (FIRING, 5), (FIRING, 7), token=11).culprit() is None


def test_claim_that_was_given_back_is_no_loss() -> None:
    assert care_after((FIRING, 1), (FIRING, 3), token=4, hosted=False).culprit() is None


def test_only_the_firing_that_began_last_is_named() -> None:
    starts = [(place, by) for by in (1, 3, 5, 7) for place in (OTHER, FIRING)]

    assert care_after(*starts, token=9).culprit() == FIRING


def test_firing_that_ended_is_not_named() -> None:
    care = care_after((FIRING, 1), (FIRING, 3), token=5, hosted=False)
    care.ended(FIRING)

    assert (care.culprit(), care.taken) == (None, False)


def test_two_starts_in_one_claim_are_one_sign() -> None:
    assert care_after((FIRING, 1), (FIRING, 1), token=3, hosted=False).culprit() is None
