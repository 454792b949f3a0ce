"""What can go wrong between a journal and the planner."""

from weft.errors import ExecutionError


class Diverged(ExecutionError):
    """A record does not fit what the rules form: the execution stops for a person."""

    code = "EXECUTION_DIVERGED"
