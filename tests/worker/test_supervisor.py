"""How long the supervisor waits, and in which words it says how a process ended."""

import signal

import pytest

from weft.worker.supervisor import Backoff, how_it_ended


def test_the_pause_doubles_up_to_ten_seconds() -> None:
    backoff = Backoff()

    assert [backoff.next(1.0) for _ in range(8)] == [0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 10.0, 10.0]


def test_who_lived_for_a_minute_is_started_again_at_once() -> None:
    backoff = Backoff()
    for _ in range(5):
        backoff.next(1.0)

    assert (backoff.next(60.0), backoff.next(59.9)) == (0.2, 0.4)


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (0, "left in good order"),
        (6, "ended with exit code 6"),
        (-signal.SIGKILL, "was killed by SIGKILL"),
        (-signal.SIGSEGV, "was killed by SIGSEGV"),
        (-63, "was killed by signal 63"),
    ],
)
def test_how_a_process_ended_is_said_in_words(code: int, words: str) -> None:
    assert how_it_ended(code) == words
