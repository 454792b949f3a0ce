"""What `weft.Result` raises when it is asked for what a run did not bring."""

from weft.errors import ExecutionError, NotFound


class RunFailed(ExecutionError):
    """A run did not complete. Its own code is that of the failure: `error_code`."""

    code = "RUN_FAILED"


class OutputMissing(NotFound, KeyError):
    """The graph has no such output, or nothing reached it."""

    code = "OUTPUT_MISSING"
