"""`output.file`: a file that a run hands out."""

from typing import Annotated, ClassVar

from pydantic import Field

from weft.sdk import Advanced, Block, BlockCategory, BlockType, Emissions, Example, File, Multiline, Schema


class OutputFile(
    Block, id="output.file", name="File Output", block_type=BlockType.OUTPUT, categories=[BlockCategory.OUTPUT]
):
    """Hand a file out as a result of the graph."""

    class Input(Schema):
        name: str = Field(min_length=1, max_length=100, description="Name of the output; results stand under it")
        value: File = Field(description="The file")
        title: Annotated[str, Advanced()] = Field(
            default="", description="What is shown above the file; the name if empty"
        )
        description: Annotated[str, Advanced(), Multiline(2)] = Field(
            default="", description="What is said about the file"
        )

    class Output(Schema):
        output: File = Field(description="The file")

    examples: ClassVar = [
        Example(
            Input(name="report", value=File(name="a.txt", media_type="text/plain", content=b"hello")),
            emits=[("output", {"name": "a.txt", "media_type": "text/plain", "content": "aGVsbG8="})],
        ),
    ]

    async def run(self, input: Input) -> Emissions:
        yield "output", input.value
