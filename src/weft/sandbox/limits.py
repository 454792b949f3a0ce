"""How much one request to the sandbox may use."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxLimits:
    """Bounds of the worker processes and of each request.

    A request is ended by the first of `cpu_s` (processor time, by the kernel) and `wall_s` (by us); both
    count from the moment a worker takes it, so that waiting for a free worker costs a request nothing.
    """

    workers: int = 2
    """Processes for templates and for the patterns that re2 refuses."""
    requests_per_worker: int = 1_000
    """A worker is replaced after so many requests."""
    max_waiting: int = 1_000
    """More requests than this waiting for a worker are refused."""
    wait_s: float = 30.0
    """The longest wait for a free worker."""
    start_s: float = 10.0
    """The longest a worker may take to start."""
    cpu_s: float = 1.0
    wall_s: float = 1.6
    memory_bytes: int = 256 * 1024 * 1024
    """Address space of one worker."""
    template_chars: int = 256 * 1024
    output_chars: int = 1024 * 1024
    request_bytes: int = 8 * 1024 * 1024
    """Template and values together, as JSON."""
    pattern_chars: int = 10_000
    matches: int = 10_000
    """More matches than this in one text are refused."""
    expression_chars: int = 64 * 1024
    expression_s: float = 0.5
    expression_memory_bytes: int = 64 * 1024 * 1024
    expression_recursion: int = 200
