"""How much one execution may use, and how many run at once; the operator sets what `EngineSettings` lists."""

from dataclasses import dataclass

KEPT_BYTES = 4 * 2**20


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
        firings: Most firings of one execution.
        emissions: Most emissions of one execution.
        value_bytes: Largest value, as JSON.
        execution_bytes: Most bytes that all values of one execution may have together, as JSON.
        kept_bytes: Of values over 8 kB that are durable, so many bytes stay in memory per execution; others are read back.
        snapshot_every: A running execution's state is written after so many records, to begin a replay there.
        snapshot_worth: A waiting execution's state is written from so many new records on; fewer are replayed as quickly.
        depth: How deep graphs may call graphs.
        calls: How many graphs one execution may call.
        grace_s: How long an effect under way may still take once its execution is closing.
        executions: How many executions one worker runs side by side.
        queued: With so many executions of all users waiting for a worker or held back, nobody can start more.
        queued_per_user: The same for the executions of one user.
        log_lines: How many lines the blocks of one execution may write into its log.
        hosts: How many block hosts one worker may have at once.
        host_bytes: How much memory a block host may take, as address space.
    """

    attempts: int = 3
    backoff_s: float = 0.5
    node_timeout_s: float = 600.0
    run_limit_s: float | None = None
    parallel: int = 32
    ready: int = 512
    firings: int = 10_000_000
    emissions: int = 10_000_000
    value_bytes: int = 16_000_000
    execution_bytes: int = 1_000_000_000
    kept_bytes: int = KEPT_BYTES
    snapshot_every: int = 50_000
    snapshot_worth: int = 500
    depth: int = 8
    calls: int = 10_000
    grace_s: float = 30.0
    executions: int = 10
    queued: int = 1_000_000
    queued_per_user: int = 100_000
    log_lines: int = 10_000
    hosts: int = 4
    host_bytes: int = 2**30
