"""One line of words for each event of an execution."""

from rich.text import Text

from weft.cli.live import status_style
from weft.cli.terminal import bytes_text, milliseconds, one_line, value_text
from weft.executions.stream_events import (
    Closing,
    EffectBegins,
    Emission,
    Ended,
    Event,
    FiringAnswered,
    FiringBegins,
    FiringEnded,
    FiringEvent,
    FiringFailed,
    FiringRestarted,
    FiringRetries,
    FiringWaits,
    Logged,
    OutcomeUnknown,
    Queued,
    Recorded,
    Standing,
    WorkerLost,
)

_VALUE_WIDTH = 120
_CLOSING = {
    "cancel": "is being cancelled",
    "timeout": "took longer than it may",
    "stop": "is stopped by a block",
    "engine_failed": "cannot be driven",
}
_LEVEL_STYLES = {"warning": "yellow", "error": "red", "critical": "bold red"}


def line_of(event: Event) -> Text:
    """Return an event as one line: its number, the node, what happened."""
    number = " " * 8 if isinstance(event, Standing) else f"{event.seq:>6}  "
    return Text.assemble((number, "dim"), *_words(event))


def _words(event: Event) -> list[str | Text | tuple[str, str]]:
    match event:
        case FiringEvent():
            count = f" #{event.firing + 1}" if event.firing else ""
            what, style = _of_firing(event)
            return [(f"{one_line(event.label, 40)}{count}", "bold"), ("  " + what, style)]
        case Logged():
            node = "" if event.label is None else f"{one_line(event.label, 40)}  "
            return [node, (f"{event.level}: {one_line(event.message, 2000)}", _LEVEL_STYLES.get(event.level, ""))]
        case Queued():
            return [f"queued: version {event.version} of graph {event.graph_id}"]
        case Closing():
            detail = f": {one_line(event.detail)}" if event.detail else ""
            return [(f"the execution {_CLOSING[event.reason]}{detail}", "yellow")]
        case Ended():
            error = f": {one_line(event.error['message'], 2000)}" if event.error else ""
            return [(f"{event.status}{error}", status_style(event.status))]
        case WorkerLost():
            return [("the worker was lost; another one goes on", "yellow")]
        case Standing():
            return [(str(event.status), status_style(event.status) or "dim")]
        case Recorded():
            return [(event.record, "dim")]
    raise AssertionError(f"there are no words for {event.kind}")


def _of_firing(event: FiringEvent) -> tuple[str, str]:
    """Return what happened in a firing, and its style."""
    match event:
        case Emission():
            return f"{one_line(event.pin)}: {_value(event)}", ""
        case FiringEnded() | FiringFailed():
            return _of_end(event)
        case FiringRetries():
            return f"attempt {event.attempt} failed: {one_line(event.error['message'], 2000)}", "yellow"
        case FiringWaits():
            until = f" until {event.until}" if event.until else ""
            title = f": {one_line(event.title)}" if event.title else ""
            return f"waits for {event.wait}{until}{title}", "yellow"
    return _PLAIN[type(event)]


def _of_end(event: FiringEnded | FiringFailed) -> tuple[str, str]:
    spent = "" if event.ended_at is None else milliseconds((event.ended_at - event.started_at).total_seconds() * 1000)
    attempts = f"{event.attempts} attempts" if event.attempts > 1 else ""
    numbers = f" ({', '.join(filter(None, (spent, attempts)))})"
    if isinstance(event, FiringEnded):
        return ("skipped" if event.skipped else "done") + numbers, "green"
    what = "failed, and its error pin took it" if event.caught else "failed"
    return f"{what}{numbers}: {one_line(event.error['message'], 2000)}", "red"


_PLAIN: dict[type[FiringEvent], tuple[str, str]] = {
    FiringAnswered: ("goes on", ""),
    FiringRestarted: ("begins anew; what it emitted counts no more", "yellow"),
    FiringBegins: ("begins", "dim"),
    EffectBegins: ("begins", "dim"),
    OutcomeUnknown: ("was cut off; whether it did anything is not known", "red"),
}


def _value(event: Emission) -> str:
    if event.large is None:
        return one_line(value_text(event.value), _VALUE_WIDTH)
    return "a large value" if event.large.size is None else f"a value of {bytes_text(event.large.size)}"
