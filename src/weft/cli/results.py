"""The end of a run in words: outputs to stdout, everything else to stderr."""

from rich.console import Console
from rich.text import Text

from weft.cli.terminal import one_line, stderr, stdout, value_text
from weft.executions.types import Execution, ExecutionStatus

_SHOWN_VALUES = 20


def tell_result(execution: Execution) -> None:
    """Write the outputs of a run, and why there may be fewer than expected."""
    tell_outputs(execution, stdout())
    tell_problems(execution, stderr())


def tell_outputs(execution: Execution, console: Console) -> None:
    """Write each output with its values, in order."""
    width = max((len(one_line(name)) for name in execution.outputs), default=0)
    for name, values in execution.outputs.items():
        for number, value in enumerate(values[:_SHOWN_VALUES]):
            head = one_line(name) if number == 0 else ""
            text = value_text(value).replace("\n", "\n" + " " * (width + 2))
            console.print(Text.assemble((f"{head:<{width}}", "bold"), "  ", text), soft_wrap=True)
        if len(values) > _SHOWN_VALUES:
            console.print(Text(f"{'':<{width}}  … and {len(values) - _SHOWN_VALUES} more; --json has them all"))


def tell_problems(execution: Execution, console: Console) -> None:
    """Write the failure, the nodes that never ran, and what is waited for."""
    if execution.error is not None:
        error = execution.error
        where = f"node {error.node_label!r} ({error.node_id}): " if error.node_id else ""
        console.print(Text.assemble(("error: ", "bold red"), one_line(f"{where}{error.message}", 2000)))
    for node in execution.not_fired if execution.status is not ExecutionStatus.CANCELLED else ():
        missing = f": no value for {', '.join(node.missing)}" if node.missing else ""
        console.print(Text(f"not run: {one_line(node.label)}{one_line(missing)}", style="yellow"))
    for wait in execution.waiting:
        if not wait.node_id:
            console.print(Text(f"waits for {one_line(wait.title or '')}", style="yellow"))
            continue
        until = "" if wait.until is None else f" until {wait.until:%Y-%m-%d %H:%M:%S} UTC"
        title = f": {one_line(wait.title)}" if wait.title else ""
        console.print(Text(f"waits for {wait.kind}{until}: {one_line(wait.label)}{title}", style="yellow"))
        if wait.kind == "child":
            console.print(Text(f"  weft executions {wait.key.removeprefix('child:')}"), soft_wrap=True)
        elif wait.kind != "time":
            console.print(Text(f"  weft answer {execution.id} {one_line(wait.key)} --data JSON"), soft_wrap=True)
