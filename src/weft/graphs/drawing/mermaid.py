"""A graph as a Mermaid flowchart, for pages that draw such themselves."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence

from weft.graphs.drawing.cards import UNKNOWN, family_of
from weft.graphs.drawing.colours import Theme, stage_colour
from weft.graphs.drawing.links import is_error
from weft.graphs.drawing.run import Run
from weft.graphs.drawing.states import NodeState, Stage, read_states, run_words
from weft.graphs.drawing.text import clean
from weft.graphs.drawing.words import describe
from weft.graphs.indexed import IndexedGraph, index_graph
from weft.graphs.types import GraphContent, Link
from weft.sdk.catalog import Catalog

# Signs that mean something in Mermaid or in the Markdown of its labels; so does a point or dash before a space.
_SIGNS = re.compile(r"[^\w ,.!?=+/\-\x80-\U0010ffff]|_|[.+-](?= )")
_LONGEST_REASON = 120
_ROUND, _BOX = ("([", "])"), ("[", "]")
_SHAPES: Mapping[str, tuple[str, str]] = {"input": _ROUND, "output": _ROUND, "note": (">", "]")}
_NOTE = "text"
_THEMES = {Theme.LIGHT: "default", Theme.DARK: "dark"}


def draw_mermaid(content: GraphContent, catalog: Catalog, *, run: Run | None = None, theme: Theme = Theme.AUTO) -> str:
    """Return the graph as the text of a Mermaid flowchart, the same text for the same graph.

    Links show a pin's name where a node has several. Values of nodes are not shown, but for the text of notes.

    Args:
        content: What to draw. It need not be sound: links of nodes that are not there are left out.
        catalog: The blocks there are; nodes of others say so.
        run: Draw how far this run of the graph is.
        theme: For a light or a dark page; by itself the page decides.
    """
    graph = index_graph(content, catalog)
    states = {} if run is None else read_states(graph, catalog, run)
    links = [link for _, link in graph.sound_links]
    names = {node_id: f"n{at}" for at, node_id in enumerate(graph.nodes)}
    title = _plain(content.name) + (f": {run_words(run)}" if run is not None else "")
    lines = ["---", f"title: {json.dumps(title, ensure_ascii=False)}"]
    if theme in _THEMES:
        lines += ["config:", f"  theme: {_THEMES[theme]}"]
    lines += ["---", "flowchart LR", f"    accTitle: {_plain(content.name)}"]
    lines.append(f"    accDescr: {_plain(describe(graph, links, run, states))}")
    lines += [f"    {name}{_node(graph, node_id, states.get(node_id))}" for node_id, name in names.items()]
    lines += [f"    {line}" for line in _links(links, names)]
    lines += [f"    {line}" for line in _styles(links, names, states, dark=theme is Theme.DARK)]
    if not names:
        lines.append('    empty["There are no nodes yet"]')
    return "\n".join(lines) + "\n"


def _plain(text: str) -> str:
    """Return text that stands outside of labels: one line in which Mermaid sees no instructions."""
    return clean(text).replace("%%", "% %").replace("{", "(").replace("}", ")")


def _quoted(*lines: str) -> str:
    """Return a label of some lines, every sign of which stands for itself."""
    shown = (_SIGNS.sub(lambda found: f"#{ord(found[0])};", clean(line)) for line in lines)
    return f'"{"<br/>".join(line for line in shown if line)}"'


def _node(graph: IndexedGraph, node_id: str, state: NodeState | None) -> str:
    node, spec = graph.nodes[node_id], graph.specs.get(node_id)
    lines = [node.label, spec.name if spec is not None else node.block_id + UNKNOWN]
    text = node.input_default.get(_NOTE)
    if not graph.runs(node_id) and isinstance(text, str):
        lines[1:] = [text]
    if state is not None:
        lines += [state.words, state.reason[:_LONGEST_REASON]]
    before, after = _SHAPES.get(family_of(graph, node_id), _BOX)
    return f"{before}{_quoted(*lines)}{after}"


def _links(links: Sequence[Link], names: Mapping[str, str]) -> Iterator[str]:
    outputs: dict[str, set[str]] = {}
    inputs: dict[str, set[str]] = {}
    for link in links:
        outputs.setdefault(link.source_id, set()).add(link.source_name)
        inputs.setdefault(link.sink_id, set()).add(link.sink_name)
    for link in links:
        ends = [link.source_name] if len(outputs[link.source_id]) > 1 else []
        ends += [f"→ {link.sink_name}"] if len(inputs[link.sink_id]) > 1 else []
        arrow = "-.->" if link.is_static else "-->"
        label = f"|{_quoted(' '.join(ends))}|" if ends else ""
        yield f"{names[link.source_id]} {arrow}{label} {names[link.sink_id]}"


def _styles(
    links: Sequence[Link], names: Mapping[str, str], states: Mapping[str, NodeState], *, dark: bool
) -> Iterator[str]:
    errors = [str(at) for at, link in enumerate(links) if is_error(link.source_name)]
    if errors:
        yield f"linkStyle {','.join(errors)} stroke:{stage_colour(Stage.FAILED, dark=dark)}"
    for stage in Stage:
        members = [names[node_id] for node_id, state in states.items() if state.stage is stage]
        if members:
            dashes = ",stroke-dasharray:4 3" if stage is Stage.IDLE else ""
            yield f"classDef {stage} stroke:{stage_colour(stage, dark=dark)},stroke-width:2px{dashes}"
            yield f"class {','.join(members)} {stage}"
