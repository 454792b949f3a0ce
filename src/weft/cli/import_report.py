"""What became of an imported file: for programs, and in words."""

from collections import Counter
from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.text import Text

from weft.cli.output import Json
from weft.cli.terminal import one_line, stderr, stdout
from weft.graphs.issues import Code, Level
from weft.graphs.types import GraphVersion
from weft.interop.service import FILE_SOURCE, Judged
from weft.interop.types import NodeReport, Result, ToConnect
from weft.local.sources import GraphFile

_SHOWN = 50
_STYLES = {
    Result.MAPPED: "green",
    Result.RENAMED: "green",
    Result.REWRITTEN: "yellow",
    Result.PLACEHOLDER: "red",
}


def report_shape(judged: Sequence[Judged], versions: Sequence[GraphVersion]) -> Json:
    """Return the report of a file's main graph, which stands last, with those of the others inside."""
    *others, main = [_graph_shape(one, version) for one, version in zip(judged, versions, strict=True)]
    return main | {"sub_graphs": others}


def _graph_shape(judged: Judged, version: GraphVersion) -> Json:
    return {
        "graph_id": str(version.graph_id),
        "name": version.content.name,
        "version": version.version,
        "active": version.is_active,
        "runnable": judged.runnable,
        "nodes": [
            {
                "node_id": node.node_id,
                "label": node.label,
                "block_id": node.block_id,
                "result": str(node.result),
                "block": node.block,
                "todo": node.todo,
            }
            for node in judged.graph.nodes
        ],
        "to_connect": [
            {
                "kind": str(one.kind),
                "node_id": one.node_id,
                "label": one.label,
                "name": one.name,
                "provider": one.provider,
                "message": one.message,
            }
            for one in judged.graph.to_connect
        ],
        "notes": list(judged.graph.notes),
        "issues": [issue.as_dict() for issue in judged.issues],
        "sub_graphs": [],
    }


def tell_report(file: GraphFile, judged: Sequence[Judged], versions: Sequence[GraphVersion]) -> None:
    """Write what was saved to stdout; of a file from elsewhere what became of it too; issues to stderr."""
    is_own = file.imported.source == FILE_SOURCE
    console, problems = stdout(), stderr()
    for one, version in zip(judged, versions, strict=True):
        name = one_line(version.content.name)
        verb = "saved" if is_own else "imported"
        console.print(Text(f"{verb} {name} as version {version.version} of graph {version.graph_id}"), soft_wrap=True)
        if not is_own:
            _tell_nodes(console, one.graph.nodes)
            for line in _lines(one):
                console.print(Text(f"  {line}"), soft_wrap=True)
        # That a placeholder has no block was said beside the node.
        issues = [issue for issue in one.issues if is_own or issue.code is not Code.UNKNOWN_BLOCK]
        for issue in issues[:_SHOWN]:
            problems.print(Text(f"{issue.level}: {one_line(issue.message)}", style="yellow"), soft_wrap=True)
        _tell_more(problems, len(issues))
    if not is_own:
        _tell_verdict(console, file, judged[-1], versions[-1])


def _tell_nodes(console: Console, nodes: Sequence[NodeReport]) -> None:
    counts = Counter(node.result for node in nodes)
    told = ", ".join(f"{counts[result]} {result}" for result in Result if counts[result]) or "none"
    console.print(Text(f"  nodes: {told}"))
    # What is only mapped needs nobody's eye.
    noted = [node for node in nodes if node.todo or node.result in {Result.REWRITTEN, Result.PLACEHOLDER}]
    for node in noted[:_SHOWN]:
        todo = f": {one_line(node.todo, 500)}" if node.todo else ""
        words = f" {one_line(node.label)} ({one_line(node.node_id)}){todo}"
        console.print(Text.assemble("  ", (f"{node.result:<11}", _STYLES[node.result]), words), soft_wrap=True)
    _tell_more(console, len(noted))


def _tell_more(console: Console, count: int) -> None:
    if count > _SHOWN:
        console.print(Text(f"  … and {count - _SHOWN} more; --json has them all"))


def _lines(judged: Judged) -> Iterator[str]:
    for one in judged.graph.to_connect[:_SHOWN]:
        yield f"to connect: {_connection(one)}"
    if len(judged.graph.to_connect) > _SHOWN:
        yield f"… and {len(judged.graph.to_connect) - _SHOWN} more; --json has them all"
    yield from (f"note: {one_line(note)}" for note in judged.graph.notes)


def _connection(one: ToConnect) -> str:
    where = " ".join(
        one_line(part)
        for part in (one.label or "", f"({one.node_id})" if one.node_id else "", one.name or "", one.provider or "")
        if part
    )
    return f"{where}: {one.message}" if where else one.message


def _tell_verdict(console: Console, file: GraphFile, main: Judged, version: GraphVersion) -> None:
    blocking = sum(issue.level is Level.BLOCKS_RUN for issue in main.issues)
    if main.runnable:
        words = f"it can run: weft run {one_line(file.shown)}"
    else:
        words = (
            f"it cannot run yet: {blocking} issue{'s' if blocking > 1 else ''}"
            if blocking
            else "it cannot run yet: an agent that it runs cannot"
        )
        words += f"; to change it: weft export {version.graph_id} -o FILE"
    console.print(Text(words, style="bold"), soft_wrap=True)
