"""`input.table`: rows of a table that a run is started with."""

from typing import Annotated, Any, ClassVar

from pydantic import Field

from weft.blocks.io.form import InputBlock, InputForm
from weft.blocks.values import Text
from weft.sdk import BlockError, Emissions, Example, Schema

_SIZES = [{"size": "S", "count": 3}, {"size": "M"}]


class InputTable(InputBlock, id="input.table", name="Table Input"):
    """Take the rows of a table into the graph, each as a dictionary by column."""

    class Input(InputForm):
        value: list[dict[str, Any]] | None = Field(default=None, description="The rows if a run gives none")
        column_headers: Annotated[list[Text], Field(min_length=1, max_length=1000)] = Field(
            default=["Column 1", "Column 2", "Column 3"], description="The names of the columns"
        )

    class Output(Schema):
        result: list[dict[str, Any]] = Field(description="The rows, in order; cells left empty may be missing")

    examples: ClassVar = [
        Example(Input(name="stock", value=_SIZES, column_headers=["size", "count"]), emits=[("result", _SIZES)]),
        Example(Input(name="stock", value=[]), emits=[("result", [])]),
        Example(Input(name="stock")),
        Example(
            Input(name="stock", value=[{"size": "S"}, {"colour": "red"}], column_headers=["size", "count"]),
            raises=BlockError(
                "row 2 of input 'stock' has no column 'colour'; the columns are: size, count", "NO_SUCH_COLUMN"
            ),
        ),
    ]

    async def run(self, input: Input) -> Emissions:
        """Emit the rows, if there are any."""
        if input.value is None:
            return
        columns = frozenset(input.column_headers)
        for number, row in enumerate(input.value, start=1):
            unknown = next((name for name in row if name not in columns), None)
            if unknown is not None:
                known = ", ".join(input.column_headers)
                raise BlockError(
                    f"row {number} of input {input.name!r} has no column {unknown!r}; the columns are: {known}",
                    "NO_SUCH_COLUMN",
                )
        yield "result", input.value
