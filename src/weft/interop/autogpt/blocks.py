"""The platform's blocks: what each is called there, and which block of Weft does the same."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from weft.interop.autogpt.values import (
    FREE_TEXT,
    Adapt,
    adapt_calculator,
    adapt_condition,
    adapt_dropdown,
    adapt_file_input,
    adapt_match,
    adapt_request,
    adapt_store_value,
    keep_values,
)

ADD_TO_LIST = "aeb08fc1-2fc1-4141-bc8e-f758f183a822"
CREATE_LIST = "a912d5c7-6e00-4542-b2a9-8034136930e4"
STORE_VALUE = "1ff065e9-88e8-4358-9d82-8dc91f622ba9"
RUN_AGENT = "e189baac-8c20-45a1-94a7-55177ea42565"

COLLECT = "flow.collect"
AGENT_RUN = "agent.run"
OTHER_BLOCKS = frozenset({COLLECT, FREE_TEXT})
"""Blocks of Weft that may stand in for another one than the usual."""


@dataclass(frozen=True, slots=True)
class Counterpart:
    """What becomes of one of the platform's blocks.

    Attributes:
        name: What the platform calls it.
        block: Weft's block; None if there is none.
        inputs: Input pins that have another name in Weft.
        outputs: Output pins that have another name in Weft.
        lacking: Pins of the platform that Weft's block does not have; a link to one makes a placeholder.
        left_out: Pins whose values mean nothing in Weft; they are dropped and the report says so.
        is_static: Every link from it is static, whatever the file says.
        adapt: Puts values into the form that Weft's block takes; still under the platform's names.
    """

    name: str
    block: str | None = None
    inputs: Mapping[str, str] = field(default_factory=dict)
    outputs: Mapping[str, str] = field(default_factory=dict)
    lacking: frozenset[str] = frozenset()
    left_out: frozenset[str] = frozenset()
    is_static: bool = False
    adapt: Adapt = keep_values


def _input(
    name: str, block: str | None, *, left_out: frozenset[str] = frozenset(), adapt: Adapt = keep_values
) -> Counterpart:
    return Counterpart(
        name,
        block,
        inputs={"secret": "masked"},
        lacking=frozenset({"error"}),
        left_out=left_out,
        is_static=True,
        adapt=adapt,
    )


_INTERFACE = {
    "c0a8e994-ebf1-4a9c-a4d8-89d09c86741b": _input(
        "Input", "input.any", left_out=frozenset({"placeholder_values", "limit_to_placeholder_values"})
    ),
    "7fcd3bcb-8e1b-4e69-903d-32d3d4a92158": _input("Short Text Input", "input.text"),
    "90a56ffb-7024-4b2b-ab50-e26c5e5ab8ba": _input("Long Text Input", "input.long_text"),
    "96dae2bb-97a2-41c2-bd2f-13a3b5a8ea98": _input("Number Input", "input.number"),
    "7e198b09-4994-47db-8b4d-952d98241817": _input("Date Input", "input.date"),
    "2a1c757e-86cf-4c7e-aacf-060dc382e434": _input("Time Input", "input.time"),
    "95ead23f-8283-4654-aef3-10c053b74a31": _input("File Input", "input.file", adapt=adapt_file_input),
    "655d6fdf-a334-421c-b733-520549c07cd1": _input("Dropdown Input", "input.dropdown", adapt=adapt_dropdown),
    "cbf36ab5-df4a-43b6-8a7f-f7ed8652116e": _input("Toggle Input", "input.boolean"),
    "5603b273-f41e-4020-af7d-fbc9c6a8d928": _input("Table Input", "input.table"),
    "d3b32f15-6fd7-40e3-be52-e083f51b19a2": _input("Google Drive File Input", None),
    "363ae599-353e-4804-937e-b2ee3cef3da4": Counterpart(
        "Output",
        "output.value",
        lacking=frozenset({"error", "secret"}),
        left_out=frozenset({"secret"}),
        is_static=True,
    ),
}

_BASIC = {
    "cbb50872-625b-42f0-8203-a2ae78242d8a": Counterpart("File Store", "file.store", is_static=True),
    STORE_VALUE: Counterpart("Store Value", "data.store_value", is_static=True, adapt=adapt_store_value),
    "f3b1c1b2-4c4f-4f0d-8d2f-4c4f0d8d2f4c": Counterpart("Print To Console", "text.print"),
    "cc10ff7b-7753-4ff2-9af6-9399b1a7eddc": Counterpart("Note", "flow.note", lacking=frozenset({"output", "error"})),
    "95d1b990-ce13-4d88-9737-ba5c2070c97b": Counterpart("Universal Type Converter", "data.convert"),
    "8b2a7b3c-6e9d-4a5f-8c1b-2e3f4a5b6c7d": Counterpart("Human In The Loop"),
    "286380af-9529-4b55-8be0-1d7c854abdb5": Counterpart("XML Parser", "xml.parse"),
}

_COLLECTIONS = {
    "b924ddf4-de4f-4b56-9a85-358930dcbc91": Counterpart("Create Dictionary", "dict.create"),
    "31d1064e-7446-4693-a7d4-65e5ca1180d1": Counterpart("Add To Dictionary", "dict.add"),
    "0e50422c-6dee-4145-83d6-3a5a392f65de": Counterpart("Find In Dictionary", "dict.find"),
    "46afe2ea-c613-43f8-95ff-6692c3ef6876": Counterpart("Remove From Dictionary", "dict.remove"),
    "27e31876-18b6-44f3-ab97-f6226d8b3889": Counterpart("Replace Dictionary Value", "dict.replace"),
    "a3cf3f64-6bb9-4cc6-9900-608a0b3359b0": Counterpart("Dictionary Is Empty", "dict.is_empty"),
    CREATE_LIST: Counterpart("Create List", "list.create", lacking=frozenset({"max_tokens"})),
    ADD_TO_LIST: Counterpart("Add To List", "list.add"),
    "5e2c6d0a-1e37-489f-b1d0-8e1812b23333": Counterpart("Find In List", "list.find"),
    "262ca24c-1025-43cf-a578-534e23234e97": Counterpart("Get List Item", "list.get"),
    "d93c5a93-ac7e-41c1-ae5c-ef67e6e9b826": Counterpart("Remove From List", "list.remove"),
    "fbf62922-bea1-4a3d-8bac-23587f810b38": Counterpart("Replace List Item", "list.replace"),
    "896ed73b-27d0-41be-813c-c1c1dc856c03": Counterpart("List Is Empty", "list.is_empty"),
    "3cf9298b-5817-4141-9d80-7c2cc5199c8e": Counterpart("Concatenate Lists", "list.concatenate"),
    "cc45bb0f-d035-4756-96a7-fe3e36254b4d": Counterpart("Flatten List", "list.flatten"),
    "9f616084-1d9f-4f8e-bc00-5b9d2a75cd75": Counterpart("Interleave Lists", "list.interleave"),
    "0d0e684f-5cb9-4c4b-b8d1-47a0860e0c07": Counterpart("Zip Lists", "list.zip"),
}

_TEXT = {
    "3060088f-6ed9-4928-9ba7-9c92823a7ccd": Counterpart(
        "Match Text Pattern", "text.match", inputs={"match": "pattern"}, adapt=adapt_match
    ),
    "3146e4fe-2cdd-4f29-bd12-0c9d5bb4deb0": Counterpart("Extract Text Information", "text.extract"),
    "db7d8f02-2f44-4c55-ab7a-eae0941f0c30": Counterpart("Fill Text Template", "text.fill_template"),
    "e30a4d42-7b7d-4e6a-b36e-1f9b8e3b7d85": Counterpart("Combine Texts", "text.combine", inputs={"input": "texts"}),
    "d5ea33c8-a575-477a-b42f-2fe3be5055ec": Counterpart("Text Split", "text.split"),
    "7e7c87ab-3469-4bcc-9abe-67705091b713": Counterpart("Text Replace", "text.replace"),
    "3735a31f-7e18-4aca-9e90-08a7120674bc": Counterpart("File Read", "file.read"),
    "a892b8d9-3e4e-4e9c-9c1e-75f8efcf1bfa": Counterpart("Get Current Time", "time.current_time"),
    "b29c1b50-5d0e-4d9f-8f9d-1b0e6fcbf0b1": Counterpart("Get Current Date", "time.current_date"),
    "716a67b3-6760-42e7-86dc-18645c6e00fc": Counterpart("Get Current Date And Time", "time.current_datetime"),
}

_LOGIC = {
    "715696a0-e1da-45c8-b209-c2fa9c3b0be6": Counterpart("Condition", "logic.condition", adapt=adapt_condition),
    "b1ab9b19-67a6-406d-abf5-2dba76d00c79": Counterpart("Calculator", "logic.calculator", adapt=adapt_calculator),
    "3c9c2f42-b0c3-435f-ba35-05f7a25c772a": Counterpart("Count Items", "data.count"),
    "f66a3543-28d3-4ab5-8945-9b336371e2ce": Counterpart(
        "Step Through Items", "flow.step_through", inputs={"items_str": "items_text"}
    ),
    "6595ae1f-b924-42cb-9a41-551a0611c4b4": Counterpart(
        "Send Web Request",
        "http.request",
        lacking=frozenset({"json_format", "files", "files_name"}),
        adapt=adapt_request,
    ),
    RUN_AGENT: Counterpart("Agent Executor", AGENT_RUN),
}

_MODELS = {
    "1f292d4a-41a4-4977-9684-7c8d560b9f91": Counterpart("AI Text Generator"),
    "ed55ac19-356e-4243-a6cb-bc599e9b716f": Counterpart("AI Structured Response Generator"),
    "a0a69be1-4528-491c-a85a-a4ab6873e3f0": Counterpart("AI Text Summarizer"),
    "9c0b0450-d199-458b-a731-072189dd6593": Counterpart("AI List Generator"),
    "0b02b072-abe7-11ef-8372-fb5d162dd712": Counterpart("Execute Code"),
}

COUNTERPARTS: Mapping[str, Counterpart] = MappingProxyType(
    _INTERFACE | _BASIC | _COLLECTIONS | _TEXT | _LOGIC | _MODELS
)
"""By block id; an id that is not here becomes a placeholder."""

UNKNOWN = Counterpart("Unknown block")
"""What stands for all other blocks."""
