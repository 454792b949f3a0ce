"""`input.file`: a file that a run is started with."""

from typing import ClassVar

from pydantic import Field

from weft.blocks.io.form import InputBlock, InputForm
from weft.sdk import Example, File, Schema

_HELLO = {"name": "hello.txt", "media_type": "text/plain", "content": "aGVsbG8="}


class InputFile(InputBlock, id="input.file", name="File Input"):
    """Take a file into the graph."""

    class Input(InputForm):
        value: File | None = Field(default=None, description="The file if a run gives none")

    class Output(Schema):
        result: File = Field(description="The file")

    examples: ClassVar = [
        Example({"name": "report", "value": _HELLO}, emits=[("result", _HELLO)]),
        Example(Input(name="report")),
    ]
