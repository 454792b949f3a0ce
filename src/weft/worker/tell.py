"""How the processes of Weft say what happens."""

from typing import Any, Protocol


class Tell(Protocol):
    """Says one thing, to people or to programs."""

    def __call__(self, event: str, sentence: str, **facts: Any) -> None:
        """Say it: `event` is its name for programs, the sentence is for people, the facts are for both."""
        ...
