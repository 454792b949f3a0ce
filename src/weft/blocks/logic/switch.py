"""`logic.switch`: nine ways out, by what a value equals."""

from typing import Annotated, Any, ClassVar, Final

from pydantic import Field

from weft.blocks.data.comparing import index_of, without_case
from weft.sdk import Advanced, Block, BlockCategory, BlockError, Emissions, Example, Schema

_MOST_CASES: Final = 8


class Switch(Block, id="logic.switch", categories=[BlockCategory.UTILITY]):
    """Send data the way of the first case that a value equals, else the way of the default.

    Numbers are equal by what they are worth, so 1 is 1.0; a text never equals a number, nor true a 1. Several ways may lead
    to the same place.
    """

    class Input(Schema):
        value: Any = Field(description="What is compared with the cases")
        cases: list[Any] = Field(
            description="Up to eight values in a list: the first is the case of case_1; link to cases[0] … to fill one"
        )
        data: Any = Field(default=None, description="What to send on; the value if null")
        case_sensitive: Annotated[bool, Advanced()] = Field(default=True, description="Tell upper case from lower case")

    class Output(Schema):
        case_1: Any = Field(description="The data, if the value equals the first case")
        case_2: Any = Field(description="The data, if it equals the second case and none before")
        case_3: Any = Field(description="The data, if it equals the third case and none before")
        case_4: Any = Field(description="The data, if it equals the fourth case and none before")
        case_5: Any = Field(description="The data, if it equals the fifth case and none before")
        case_6: Any = Field(description="The data, if it equals the sixth case and none before")
        case_7: Any = Field(description="The data, if it equals the seventh case and none before")
        case_8: Any = Field(description="The data, if it equals the eighth case and none before")
        default: Any = Field(description="The data, if the value equals no case")
        matched: int = Field(description="Which case it was: 1 for case_1, 0 for the default")

    examples: ClassVar = [
        Example(Input(value="b", cases=["a", "b"]), emits=[("case_2", "b"), ("matched", 2)]),
        Example(Input(value=200, cases=[200.0, 200], data={"id": 7}), emits=[("case_1", {"id": 7}), ("matched", 1)]),
        Example(Input(value=1, cases=[True, "1", [1], None]), emits=[("default", 1), ("matched", 0)]),
        Example(Input(value=None, cases=[0, "", None]), emits=[("case_3", None), ("matched", 3)]),
        Example(Input(value={"a": [1]}, cases=[1, 2, 3, {"a": [1.0]}]), emits=[("case_4", {"a": [1]}), ("matched", 4)]),
        Example(Input(value="Yes", cases=["yes"]), emits=[("default", "Yes"), ("matched", 0)]),
        Example(
            Input(value="Straße", cases=[1, 2, 3, 4, "STRASSE"], case_sensitive=False),
            emits=[("case_5", "Straße"), ("matched", 5)],
        ),
        Example(Input(value=6, cases=[1, 2, 3, 4, 5, 6, 7, 8]), emits=[("case_6", 6), ("matched", 6)]),
        Example(Input(value=7, cases=[1, 2, 3, 4, 5, 6, 7, 8]), emits=[("case_7", 7), ("matched", 7)]),
        Example(Input(value=8, cases=[1, 2, 3, 4, 5, 6, 7, 8]), emits=[("case_8", 8), ("matched", 8)]),
        Example(Input(value=1, cases=[]), emits=[("default", 1), ("matched", 0)]),
        Example(
            Input(value=9, cases=[1, 2, 3, 4, 5, 6, 7, 8, 9]),
            raises=BlockError("there are 9 cases, at most 8 are possible", "TOO_MANY_CASES"),
        ),
    ]

    async def run(self, input: Input) -> Emissions:
        if len(input.cases) > _MOST_CASES:
            raise BlockError(
                f"there are {len(input.cases)} cases, at most {_MOST_CASES} are possible", "TOO_MANY_CASES"
            )
        value, *cases = (part if input.case_sensitive else without_case(part) for part in (input.value, *input.cases))
        index = index_of(value, cases)
        yield "default" if index is None else f"case_{index + 1}", input.value if input.data is None else input.data
        yield "matched", 0 if index is None else index + 1
