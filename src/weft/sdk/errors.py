"""What a block may raise, and what the SDK raises about a block.

    WeftError
    ├── InvalidInput
    │   └── BlockDefinitionError   the class is written wrongly; raised while it is imported
    ├── ExecutionError
    │   └── BlockError             cannot succeed with this input; goes to the `error` pin
    ├── ImpureUse                  a pure block asked for clock or network
    └── ExampleFailed              an example and the block's real code disagree

    ControlFlow                    not failures: a block tells the engine how to go on
    ├── RetryLater                 may succeed later
    ├── NotStarted                 the effect surely did not happen
    ├── Wait                       goes on in `on_answer`
    │   └── Call                   has another graph run, and goes on with its outputs
    └── Stop                       ends the whole execution as completed

Anything else that a block raises is a mistake in it and is shown as a crash.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Literal

from weft.errors import ExecutionError, InvalidInput, WeftError

WaitKind = Literal["time", "person", "webhook", "child"]


class BlockDefinitionError(InvalidInput):
    """A block class is written wrongly; it was not defined."""

    code = "BLOCK_DEFINITION"


class BlockError(ExecutionError):
    """The block cannot succeed with this input; not retried.

    The message goes to the `error` pin if that is linked, else the execution fails with it. Write it for the
    person who built the graph: what was wrong with which input. An empty message is replaced by one that says
    so.

    Attributes:
        error_code: `code`, or the class's own; UPPER_SNAKE.
    """

    code = "BLOCK_ERROR"

    def __init__(self, message: str, code: str | None = None, **details: Any) -> None:
        text = message if message.strip() else f"the block failed with {type(self).__name__} and gave no reason"
        super().__init__(text, error_code=code, **details)


class ImpureUse(WeftError):
    """A block declared pure used what may differ from run to run; a mistake in the block."""

    code = "BLOCK_NOT_PURE"

    def __init__(self, block: str, what: str) -> None:
        super().__init__(
            f"block {block} is pure and may not use {what}: declare `effect = Effect.IDEMPOTENT` if it only "
            "reads, Effect.AT_LEAST_ONCE or Effect.AT_MOST_ONCE if it writes",
            block=block,
            used=what,
        )


class ExampleFailed(WeftError):
    """An example of a block does not say what the block does; the message shows both."""

    code = "EXAMPLE_FAILED"


class ControlFlow(Exception):
    """What a block raises to tell the engine how to go on."""


class RetryLater(ControlFlow):
    """The same input may succeed later; the engine tries again within the node's policy.

    Attributes:
        reason: One sentence; becomes the error when the attempts are used up.
        delay: How long to wait at least; None leaves it to the policy.
    """

    def __init__(self, reason: str, delay: timedelta | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.delay = delay


class NotStarted(ControlFlow):
    """The effect surely did not happen, so an `at_most_once` block may be tried again.

    Raise it only before the request left, or when the receiver says that it refused it unread.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Wait(ControlFlow):
    """The firing waits; its emissions so far are delivered, and it goes on in `on_answer`.

    Attributes:
        kind: Who answers: the clock, a person, a webhook, or another execution.
        state: Plain JSON that `on_answer` gets back; kept in the journal, so never a secret.
        until: When a `time` wait is over, or when any other wait is given up; aware.
        key: Names the wait, so that an answer may come before it; None lets the engine name it.
        title: What a person is asked, in one line.
    """

    def __init__(
        self,
        kind: WaitKind,
        *,
        state: Any = None,
        until: datetime | None = None,
        key: str | None = None,
        title: str | None = None,
    ) -> None:
        super().__init__(title or kind)
        self.kind: WaitKind = kind
        self.state = state
        self.until = until
        self.key = key
        self.title = title
        if kind == "time" and until is None:
            raise ValueError("a wait for time needs `until`")
        if until is not None and until.tzinfo is None:
            raise ValueError("`until` of a wait must be an aware time")


class Call(Wait):
    """The firing has another graph run, and waits for its end; it holds no worker meanwhile.

    The graph runs as an execution of its own, of the same user. `on_answer` gets `{"execution_id", "status", "error",
    "outputs"}`: the status is completed, failed, cancelled or timeout; the error is None or has `code` and
    `message`; the outputs are `[name, value]` pairs in the order in which they came.

    Attributes:
        graph: The graph's id.
        version: Which version; None is the active one.
        inputs: Values by the names of its INPUT nodes.
    """

    def __init__(
        self,
        graph: str,
        inputs: Mapping[str, Any],
        *,
        version: int | None = None,
        state: Any = None,
        title: str | None = None,
    ) -> None:
        super().__init__("child", state=state, title=title)
        self.graph = graph
        self.version = version
        self.inputs = dict(inputs)


class Stop(ControlFlow):
    """Ends the whole execution as completed; nothing new is started."""

    def __init__(self, reason: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
