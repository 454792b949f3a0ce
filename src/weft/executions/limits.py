"""How much one execution may use; each number can be set by the operator."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of one execution and defaults of its nodes.

    Attributes:
        attempts: How often a firing is tried in all, where its node does not say.
        backoff_s: Pause before the second try; doubles with each further one, with jitter, up to a minute.
        node_timeout_s: Longest time of one attempt, where the node does not say.
        run_limit_s: Longest time of a run, waiting not counted; None is no limit.
        parallel: How many firings of one execution may run side by side.
        ready: Above so many firings that could run, generators pause.
        emissions: Most emissions of one execution.
        grace_s: How long an effect under way may still take once its execution is closing.
    """

    attempts: int = 3
    backoff_s: float = 0.5
    node_timeout_s: float = 600.0
    run_limit_s: float | None = None
    parallel: int = 32
    ready: int = 512
    emissions: int = 10_000_000
    grace_s: float = 30.0
