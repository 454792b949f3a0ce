"""One agent of a file to one graph of Weft."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from uuid import UUID

from weft.errors import InvalidInput
from weft.graphs.documents import content_from
from weft.graphs.errors import DocumentInvalid
from weft.graphs.issues import Code
from weft.graphs.secrets import cut_secrets
from weft.graphs.structure import find_cycles
from weft.graphs.types import GraphContent
from weft.interop.autogpt.accumulators import find_accumulators
from weft.interop.autogpt.blocks import COLLECT, COUNTERPARTS
from weft.interop.autogpt.document import AgentGraph, AgentLink, AgentNode, read_links, wrong_shape
from weft.interop.autogpt.names import InterfaceNames, one_line
from weft.interop.autogpt.nodes import Interface, Pins, Translated, Translator, clean_node, collector
from weft.interop.autogpt.pins import base_of
from weft.interop.autogpt.secrets import providers_in
from weft.interop.autogpt.values import Linked
from weft.interop.types import ImportedGraph, Kind, NodeReport, Result, ToConnect
from weft.sdk import BlockType
from weft.sdk.paths import PinPath

_NAME, _VALUE, _MASKED = "name", "value", "masked"
_LONGEST_DESCRIPTION = 500
_SHOWN_ON_CYCLE = 5


class GraphReader:
    """Reads one agent; `interface` says how others run it, once it was read."""

    def __init__(self, agent: AgentGraph, translator: Translator, *, ref: UUID, key: str, place: str) -> None:
        """Take the agent and what it may run.

        Raises:
            DocumentInvalid: Its links are malformed.
        """
        self._agent, self._translator = agent, translator
        self._ref, self._key, self._place = ref, key, place
        self._name = one_line(agent.name) or "Imported agent"
        self._links, self._repeated = read_links(agent, place=place)
        self._clean = {node.id: clean_node(node, translator.masked) for node in agent.nodes}
        values = {node_id: clean.values for node_id, clean in self._clean.items()}
        self._nodes: dict[str, Translated] = {}
        given = [own.get(_NAME) for own in values.values()]
        self._inputs, self._outputs = InterfaceNames("input", given), InterfaceNames("output", given)
        rewrites = COLLECT in translator.catalog
        self._accumulators = find_accumulators(agent.nodes, self._links, values) if rewrites else {}
        self._seeds = {one.seed: one.node_id for one in self._accumulators.values() if one.seed is not None}

    def read(self) -> ImportedGraph:
        """Return the graph and its report.

        Raises:
            DocumentInvalid: A pin, a value or a name cannot be translated; the message names its place.
        """
        linked = self._linked_pins()
        for at, node in enumerate(self._agent.nodes):
            if node.id not in self._seeds:
                self._nodes[node.id] = self._translate(at, node, linked[node.id])
        document = {
            "name": self._name,
            "description": self._description(),
            "nodes": [node.as_document() for node in self._nodes.values()],
            "links": list(self._translated_links()),
        }
        content = content_from(document, place=self._place)
        return ImportedGraph(
            ref=self._ref,
            key=self._key,
            content=content,
            nodes=tuple(self._reports(content)),
            to_connect=tuple(self._to_connect()),
            notes=tuple(self._notes()),
            children={node.id: node.child for node in self._nodes.values() if node.child is not None},
        )

    def interface(self) -> Interface:
        """Return what other agents of the file link to; complete once the graph was read."""
        return Interface(self._ref, self._name, self._inputs.by_given, self._outputs.by_given)

    def _linked_pins(self) -> dict[str, Linked]:
        into: dict[str, set[str]] = defaultdict(set)
        out_of: dict[str, set[str]] = defaultdict(set)
        for link in self._links:
            into[link.sink_id].add(base_of(link.sink_name))
            out_of[link.source_id].add(base_of(link.source_name))
        return {node.id: Linked(frozenset(into[node.id]), frozenset(out_of[node.id])) for node in self._agent.nodes}

    def _translate(self, at: int, node: AgentNode, linked: Linked) -> Translated:
        clean = self._clean[node.id]
        accumulator = self._accumulators.get(node.id)
        if accumulator is not None:
            return collector(clean, accumulator)
        try:
            translated = self._translator.translate(clean, linked)
        except InvalidInput as error:
            raise wrong_shape(error.message, place=self._place, path=("nodes", at, "input_default")) from None
        block = self._translator.catalog.get(translated.block_id)
        kind = None if block is None else block.spec.block_type
        if kind is BlockType.INPUT:
            return self._named(self._as_input(translated), self._inputs)
        return self._named(translated, self._outputs) if kind is BlockType.OUTPUT else translated

    def _as_input(self, node: Translated) -> Translated:
        """Return an input that is optional where the file says so, and masked where its value was a secret."""
        values = dict(node.values)
        if any(one.name == _VALUE for one in node.removed):
            values[_MASKED] = True
        schema = self._agent.input_schema if isinstance(self._agent.input_schema, dict) else {}
        known, required = schema.get("properties"), schema.get("required")
        name = values.get(_NAME)
        if (
            _VALUE not in values
            and not node.removed
            and isinstance(known, dict)
            and isinstance(required, list)
            and isinstance(name, str)
            and name in known
            and name not in required
        ):
            values[_VALUE] = None
        return replace(node, values=values)

    def _named(self, node: Translated, names: InterfaceNames) -> Translated:
        """Return an input or output with a name that Weft takes."""
        given = node.values.get(_NAME)
        name = names.choose(given)
        if name == given:
            return node
        todo = f"its name is now {name!r}: a name has 1 to 100 characters"
        values = {**node.values, _NAME: name}
        return replace(node, values=values, result=Result.RENAMED, todos=(*node.todos, todo))

    def _translated_links(self) -> Iterator[dict[str, Any]]:
        seen: set[tuple[str, str, str, str]] = set()
        loops = {link_id for one in self._accumulators.values() for link_id in one.loop}
        for at, link in enumerate(self._links):
            if link.id in loops or link.source_id in self._seeds or link.sink_id in self._seeds:
                continue
            source = self._nodes.get(link.source_id)
            source_pin = self._pin(at, link, source.outputs if source else Pins(), is_source=True)
            sink = self._nodes.get(link.sink_id)
            sink_pin = self._pin(at, link, sink.inputs if sink else Pins(), is_source=False)
            ends = (link.source_id, str(source_pin), link.sink_id, str(sink_pin))
            if ends in seen:
                self._repeated += 1
                continue
            seen.add(ends)
            yield {
                "id": link.id,
                "source_id": link.source_id,
                "source_name": str(source_pin),
                "sink_id": link.sink_id,
                "sink_name": str(sink_pin),
                "is_static": bool(link.is_static) or (source is not None and source.is_static),
                # A part that is not there is nothing on the platform, and no failure.
                "optional_path": bool(source_pin.path),
            }

    def _pin(self, at: int, link: AgentLink, pins: Pins, *, is_source: bool) -> PinPath:
        side, text = ("source", link.source_name) if is_source else ("sink", link.sink_name)
        try:
            return pins.translate(text)
        except InvalidInput as error:
            code = Code.BAD_PIN_PATH
            if pins.closed:
                code = Code.UNKNOWN_OUTPUT_PIN if is_source else Code.UNKNOWN_INPUT_PIN
            message = f"link {link.id!r}: {error.message}"
            raise DocumentInvalid(code, message, place=self._place, path=f"links[{at}].{side}_name") from None

    def _reports(self, content: GraphContent) -> Iterator[NodeReport]:
        """Yield an entry for each node of the file; what is on a cycle is told there too."""
        labels = {node.id: node.label for node in content.nodes}
        cycles: dict[str, str] = {}
        for tangle in find_cycles(content):
            named = ", ".join(repr(labels[node_id]) for node_id in tangle[:_SHOWN_ON_CYCLE])
            more = f" and {len(tangle) - _SHOWN_ON_CYCLE} more" if len(tangle) > _SHOWN_ON_CYCLE else ""
            why = f"it is on a cycle ({named}{more}), and graphs of Weft have none: take one of its links away"
            cycles |= dict.fromkeys(tangle, why)
        for node in self._agent.nodes:
            made = self._nodes.get(node.id)
            if made is None:
                collecting = self._nodes[self._seeds[node.id]]
                todo = f"its list is the start of {collecting.label!r} ({collecting.id}) now"
                label = one_line(node.title) or one_line(COUNTERPARTS[node.block_id].name)
                yield NodeReport(node.id, label, node.block_id, Result.MAPPED, COLLECT, todo)
                continue
            todos = [*made.todos, *([cycles[node.id]] if node.id in cycles else [])]
            block = None if made.result is Result.PLACEHOLDER else made.block_id
            yield NodeReport(node.id, made.label, node.block_id, made.result, block, "; ".join(todos) or None)

    def _to_connect(self) -> Iterator[ToConnect]:
        told: set[str] = set()
        for node in self._agent.nodes:
            made = self._nodes.get(node.id)
            label = None if made is None else made.label
            for one in made.removed if made else self._clean[node.id].removed:
                told |= {one.provider} if one.provider else set()
                yield ToConnect(one.kind, _MESSAGES[one.kind], node.id, label, one.name, one.provider)
            if node.webhook_id or node.webhook:
                yield ToConnect(Kind.WEBHOOK, _MESSAGES[Kind.WEBHOOK], node.id, label)
        for name, wanted in _properties(self._agent.credentials_input_schema):
            for provider in providers_in(wanted):
                if provider not in told:
                    told.add(provider)
                    yield ToConnect(Kind.CREDENTIALS, _MESSAGES[Kind.CREDENTIALS], None, None, one_line(name), provider)
        if isinstance(self._agent.trigger_setup_info, dict):
            whose = next(providers_in(self._agent.trigger_setup_info), None)
            yield ToConnect(Kind.WEBHOOK, _MESSAGES[Kind.WEBHOOK], provider=whose)
        cron = one_line(self._agent.recommended_schedule_cron)
        if cron:
            yield ToConnect(Kind.SCHEDULE, _MESSAGES[Kind.SCHEDULE], name=cron)

    def _description(self) -> str | None:
        text = self._agent.description
        if text is None:
            return None
        cleaned = cut_secrets(text)
        return cleaned if len(cleaned) <= _LONGEST_DESCRIPTION else cleaned[: _LONGEST_DESCRIPTION - 1] + "…"

    def _notes(self) -> Iterator[str]:
        if self._name != self._agent.name:
            yield f"the graph is called {self._name!r}: a name is one line of 1 to 100 characters"
        if self._description() != self._agent.description:
            yield "the description was cut to 500 characters, or held what looked like a secret"
        if one_line(self._agent.instructions):
            yield "the instructions for users were left out: Weft's graphs have a description only"
        if self._repeated:
            what = "1 link" if self._repeated == 1 else f"{self._repeated} links"
            yield f"{what} stood twice and counted once"


_MESSAGES = {
    Kind.CREDENTIALS: "connect an account of your own",
    Kind.SECRET: "a secret was left out: give it anew",
    Kind.WEBHOOK: "set the webhook up anew",
    Kind.SCHEDULE: "the agent suggests this schedule: set one up if you want it",
}


def _properties(schema: Any) -> list[tuple[str, Any]]:
    properties = schema.get("properties") if isinstance(schema, dict) else None
    return list(properties.items()) if isinstance(properties, dict) else []
