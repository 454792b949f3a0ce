"""Values of nodes: put into the form that Weft's blocks take, where the platform's blocks took another."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from weft.graphs.conversion import plain_default
from weft.graphs.node_checks import fault_of_value
from weft.sdk.spec import BlockSpec, InputPin

Values = dict[str, Any]

FREE_TEXT = "input.text"


@dataclass(frozen=True, slots=True)
class Linked:
    """The pins of a node that links lead to and come from, by the platform's names."""

    inputs: frozenset[str]
    outputs: frozenset[str]


@dataclass(frozen=True, slots=True)
class Adapted:
    """The values as Weft's block takes them.

    Attributes:
        block: Another block of Weft than the usual one.
        outputs: Output pins that have another name for these values.
        todo: What the user must look at.
    """

    values: Values
    block: str | None = None
    outputs: Mapping[str, str] = field(default_factory=dict)
    todo: str | None = None


Adapt = Callable[[Values, Linked], Adapted]


def keep_values(values: Values, linked: Linked) -> Adapted:  # noqa: ARG001 - one signature for all
    """Return the values as they are."""
    return Adapted(values)


def adapt_calculator(values: Values, linked: Linked) -> Adapted:  # noqa: ARG001
    """Write the operation in small letters."""
    operation = values.get("operation")
    return Adapted(values | {"operation": operation.lower()} if isinstance(operation, str) else values)


def adapt_condition(values: Values, linked: Linked) -> Adapted:
    """Say what the way "no" sends on without a value of its own, on which versions of the platform differ."""
    has_value = values.get("no_value") is not None or "no_value" in linked.inputs
    if "no_output" not in linked.outputs or has_value:
        return Adapted(values)
    return Adapted(
        values, todo="without a `no_value` it sends value1 on; older agents sent value2, so set it if need be"
    )


def adapt_match(values: Values, linked: Linked) -> Adapted:
    """Leave out data that is empty, for which the platform sends the text."""
    return Adapted(_without_empty(values, "data", linked))


def adapt_store_value(values: Values, linked: Linked) -> Adapted:
    """Leave out data that is empty, for which the platform sends what came in."""
    return Adapted(_without_empty(values, "data", linked))


def _without_empty(values: Values, pin: str, linked: Linked) -> Values:
    if values.get(pin) or pin in linked.inputs:
        return values
    return {name: value for name, value in values.items() if name != pin}


def adapt_request(values: Values, linked: Linked) -> Adapted:
    """Say by `body_type` what the platform says by a switch, and leave out files if there are none."""
    rest = {name: value for name, value in values.items() if name != "json_format"}
    if not rest.get("files"):
        rest = {name: value for name, value in rest.items() if name not in {"files", "files_name"}}
    if values.get("json_format") is not False:
        return Adapted(rest)
    is_form = isinstance(values.get("body"), dict) or "body" in linked.inputs
    todo = (
        "its body comes over a link: set body_type to text if that is no dictionary"
        if "body" in linked.inputs
        else None
    )
    return Adapted(rest | {"body_type": "form" if is_form else "text"}, todo=todo)


def adapt_dropdown(values: Values, linked: Linked) -> Adapted:
    """Take the options from either of their two names; without any it is an input of text."""
    rest = {name: value for name, value in values.items() if name not in {"options", "placeholder_values"}}
    options = values.get("options") or values.get("placeholder_values")
    if options or "options" in linked.inputs:
        return Adapted(rest | ({"options": options} if options else {}))
    return Adapted(rest, block=FREE_TEXT, todo="it had no options, so any text can be given")


def adapt_file_input(values: Values, linked: Linked) -> Adapted:  # noqa: ARG001
    """Keep a file that the value holds; one that it only names is not part of the agent."""
    rest = {name: value for name, value in values.items() if name not in {"value", "base_64"}}
    outputs = {"result": "result.content"} if values.get("base_64") is True else {}
    value = values.get("value")
    if value in (None, ""):
        return Adapted(values=rest | ({"value": None} if "value" in values else {}), outputs=outputs)
    head, comma, content = value.partition(",") if isinstance(value, str) else ("", "", "")
    if head.startswith("data:") and head.endswith(";base64") and comma:
        media_type = head.removeprefix("data:").partition(";")[0]
        return Adapted(rest | {"value": {"media_type": media_type, "content": content}}, outputs=outputs)
    if isinstance(value, dict):
        return Adapted(rest | {"value": value}, outputs=outputs)
    return Adapted(rest, outputs=outputs, todo="the file itself is not part of the agent: give it when you run it")


def is_neutral(value: Any) -> bool:
    """Whether a value says nothing: null, no, or empty."""
    return value is None or value is False or value in ("", [], {})


def fit_values(values: Values, spec: BlockSpec, linked: frozenset[str]) -> Values:
    """Return the values in the types of the block's pins, without those that say nothing and do not fit.

    Args:
        values: Under Weft's names.
        spec: Weft's block.
        linked: Pins that links fill, wholly or in part.
    """
    fitted: Values = {}
    for name, value in values.items():
        pin = spec.inputs.get(name)
        if pin is None:
            if not is_neutral(value):
                fitted[name] = value
        elif name in linked:
            # What links do not fill of a list or a dictionary comes from here; nothing else is ever read.
            if isinstance(value, list | dict):
                fitted[name] = value
        elif (fit := _fit(value, pin)) is not _UNFIT:
            fitted[name] = fit
    return fitted


_UNFIT: Any = object()


def _fit(value: Any, pin: InputPin) -> Any:
    if (value is None or value == "") and fault_of_value(value, pin):
        return _UNFIT
    return plain_default(value, pin)
