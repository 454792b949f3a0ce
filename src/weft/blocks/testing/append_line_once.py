"""`testing.append_line_once`: a line in a file, with effect `at_most_once`."""

from weft.blocks.testing.appending import AppendingBlock
from weft.sdk import Effect


class AppendLineOnce(AppendingBlock, id="testing.append_line_once"):
    """Append a line to a file, never twice."""

    effect = Effect.AT_MOST_ONCE
