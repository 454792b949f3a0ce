"""`testing.append_line`: a line in a file, with effect `at_least_once`."""

from weft.blocks.testing.appending import AppendingBlock
from weft.sdk import Effect


class AppendLine(AppendingBlock, id="testing.append_line"):
    """Append a line to a file; after a crash it may stand there twice, with the same key."""

    effect = Effect.AT_LEAST_ONCE
