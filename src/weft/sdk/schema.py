"""`Schema`, the base of every Input and Output, and the marks that a field may carry."""

from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict


class Schema(BaseModel):
    """The pins of one side of a block: each field is a pin, its description is shown in the editor.

    Values are frozen and unknown fields are refused. Bytes are base64 in JSON.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_bytes="base64", val_json_bytes="base64")


@dataclass(frozen=True, slots=True)
class Many:
    """Marks an output pin that may be emitted several times in one firing: a stream.

    The j-th emission is item j; values that stem from the same item meet again in nodes behind.
    """


@dataclass(frozen=True, slots=True)
class Keyed:
    """Marks an output pin, a dictionary, that is emitted once for each key: every value holds that one key.

    A link from a part of it, `pin.key`, takes the values with that key and lets all others pass by.
    """


@dataclass(frozen=True, slots=True)
class Collecting:
    """Marks an input, a list, that gets everything its links will ever bring, once all upstream is quiet."""


@dataclass(frozen=True, slots=True)
class Multiline:
    """Shows a text input as a field of several lines."""

    rows: int = 5


@dataclass(frozen=True, slots=True)
class Advanced:
    """Hides an input behind "more" until a person asks for it."""


@dataclass(frozen=True, slots=True, init=False)
class Choices:
    """Offers values for an input without refusing others; for a closed list use `Literal`."""

    options: tuple[str, ...]

    def __init__(self, *options: str) -> None:
        object.__setattr__(self, "options", options)


@dataclass(frozen=True, slots=True)
class Secret:
    """Masks an input in the editor, in logs and in the list of executions.

    For text a person would not show. A password of a service is a credential (`Needs`), never an input.
    """


@dataclass(frozen=True, slots=True)
class Placeholder:
    """Shows a hint in an empty field."""

    text: str


Mark = Many | Keyed | Collecting | Multiline | Advanced | Choices | Secret | Placeholder


def ui_hints(metadata: list[object]) -> dict[str, object]:
    """Return how a form shows a field that carries these marks; empty when nothing is special."""
    hints: dict[str, object] = {}
    for mark in metadata:
        match mark:
            case Multiline(rows):
                hints |= {"widget": "textarea", "rows": rows}
            case Advanced():
                hints["advanced"] = True
            case Choices(options):
                hints |= {"widget": "suggest", "options": list(options)}
            case Secret():
                hints |= {"widget": "password", "secret": True}
            case Placeholder(text):
                hints["placeholder"] = text
            case _:
                pass
    return hints
