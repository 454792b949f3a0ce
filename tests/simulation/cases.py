"""Random graphs and what their blocks do: all that planner, simulator and oracle have in common.

A block's behaviour depends on the hash of its input values alone (and on `salt`, if it is random), never on
its index, so that every interleaving must give the same values. All nodes have the pins `result`, `other`,
`error`, numbered 0, 1, 2.
"""

from dataclasses import dataclass, field
from random import Random

from weft.executions.plan import Kind, NodeFacts, Plan, compile_plan
from weft.graphs.types import GraphContent, Link, Node

PINS = ("result", "other", "error")
ERROR = 2
PURE, IDEMPOTENT, AT_LEAST_ONCE, AT_MOST_ONCE = range(4)
INTENT = (False, False, True, True)


@dataclass(slots=True)
class Spec:
    """One node: what its block does."""

    role: str
    effect: int = PURE
    ordered: bool = True
    many: tuple[int, ...] = ()
    collecting: frozenset[str] = frozenset()
    fails: int = 0
    random: bool = False
    lies: bool = False


@dataclass(slots=True)
class Wire:
    """One link: from an output pin to a slot, known by the slot's name."""

    source: int
    pin: int
    sink: int
    slot: str
    static: bool
    optional: bool = False

    def skips(self, value: int) -> bool:
        """Whether this link delivers nothing of a value: its optional path leads nowhere."""
        return self.optional and not value >> 9 & 3


@dataclass(slots=True)
class Case:
    """A graph to simulate; `order` lists the nodes sources first, `given` the INPUTs that hold a value."""

    seed: int
    specs: list[Spec]
    wires: list[Wire]
    order: list[int]
    given: frozenset[int]
    plan: Plan = field(init=False)
    error_linked: list[bool] = field(init=False)

    def __post_init__(self) -> None:
        self.plan = compile_plan(self.content(), [facts(spec) for spec in self.specs])
        linked = {wire.source for wire in self.wires if wire.pin == ERROR}
        self.error_linked = [node in linked for node in range(len(self.specs))]

    def content(self) -> GraphContent:
        nodes = tuple(Node(id=f"n{at}", block_id=spec.role, label="n") for at, spec in enumerate(self.specs))
        links = tuple(
            Link(
                id=f"l{at}",
                source_id=f"n{wire.source}",
                source_name=PINS[wire.pin],
                sink_id=f"n{wire.sink}",
                sink_name=wire.slot,
                is_static=wire.static,
                optional_path=wire.optional,
            )
            for at, wire in enumerate(self.wires)
        )
        return GraphContent(name="case", nodes=nodes, links=links)

    def skip_mask(self, node: int, pin: int, value: int) -> int:
        """Return what the runner would find out about optional paths: a bit per route that delivers nothing."""
        routes = self.plan.routes[node][pin]
        return sum(1 << route.order for route in routes if self.wires[route.link].skips(value))

    def input_skips(self) -> dict[int, int]:
        """Return the skip masks of the INPUTs' values."""
        return {node: self.skip_mask(node, 0, input_value(self.seed, node)) for node in self.given}

    def story(self) -> str:
        lines = []
        for node, spec in enumerate(self.specs):
            flags = " ".join(
                word
                for word, on in (
                    ("unordered", not spec.ordered),
                    ("random", spec.random),
                    ("lies", spec.lies),
                    ("without a value", spec.role == "input" and node not in self.given),
                )
                if on
            )
            effect = ("pure", "idempotent", "at_least_once", "at_most_once")[spec.effect]
            many = ",".join(PINS[pin] for pin in spec.many)
            lines.append(f"  {node}: {spec.role} {effect} many=[{many}] fails={spec.fails} {flags}")
        for wire in self.wires:
            static = " static" * wire.static + " optional" * wire.optional
            lines.append(f"  {wire.source}.{PINS[wire.pin]} -> {wire.sink}.{wire.slot}{static}")
        return "\n".join(lines)


def facts(spec: Spec) -> NodeFacts:
    kind = Kind.INPUT if spec.role == "input" else Kind.STANDARD
    many = frozenset(PINS[pin] for pin in spec.many)
    return NodeFacts(kind, spec.effect == PURE, spec.ordered, PINS, many, spec.collecting, spec.role == "wait")


@dataclass(slots=True)
class Act:
    """What a run of a block does: emissions `(pin, value)`, where it waits (-1: nowhere), how it ends."""

    emissions: list[tuple[int, int]]
    wait_at: int
    failed: bool
    error: int
    stops: bool


def behave(spec: Spec, inputs: int, salt: int) -> Act:
    """Return what a block does for inputs with this hash; `salt` tells runs of random blocks apart."""
    h = hash((inputs, 11, salt)) if spec.random else hash((inputs, 11))
    bits = h >> 7 & 0xFFFF
    pins: list[int]
    role = spec.role
    if role == "gen":
        pins = _stream(spec, bits)
    elif role == "branch":
        pins = [bits & 1]
    elif role == "filter":
        pins = [0] if bits & 3 else []
    elif role == "stop":
        pins = []
    else:
        pins = [0]
    failed = bool(spec.fails) and bits % spec.fails == 0
    if failed and role != "gen":
        pins = []
    twist = salt if spec.lies else 0
    emissions = [(pin, hash((h, k, twist))) for k, pin in enumerate(pins)]
    wait_at = (bits >> 3) % (len(emissions) + 1) if role == "wait" else -1
    return Act(emissions, wait_at, failed, hash((h, -3)), role == "stop")


def _stream(spec: Spec, bits: int) -> list[int]:
    first = (0, 1, 2, 3, 2, 3, 1, 2)[bits & 7]
    if len(spec.many) < 2:
        return [0] * first
    second = (0, 2, 1, 3)[bits >> 3 & 3]
    if bits >> 5 & 1:
        return [0] * first + [1] * second
    return [at & 1 for at in range(2 * min(first, second))] + [0] * max(0, first - second)


def input_value(seed: int, node: int) -> int:
    """Return the value that an INPUT node holds."""
    return hash((seed, node, 5))


_ROLES = (
    ("map", 34),
    ("gen", 16),
    ("branch", 8),
    ("filter", 7),
    ("wait", 8),
    ("collect", 12),
    ("fail", 9),
    ("stop", 1),
)
_WEIGHTED = tuple(role for role, weight in _ROLES for _ in range(weight))


def make_case(seed: int, *, large: bool = False) -> Case:
    """Return the graph of a seed: mostly 3 to 8 nodes, often with a stream through two arms; a large one has 30."""
    rng = Random(seed)
    specs: list[Spec] = []
    wires: list[Wire] = []
    given: set[int] = set()
    _sources(rng, specs, given)
    if rng.random() < 0.35:
        _diamond(rng, specs, wires)
    count = len(specs) + 1 + int(rng.random() * (6 if rng.random() < 0.85 else 12))
    while len(specs) < count + 20 * large:
        _grow(rng, specs, wires)
    return _shuffle(rng, Case.__new__(Case), (seed, specs, wires, given))


def _shuffle(rng: Random, case: Case, parts: tuple[int, list[Spec], list[Wire], set[int]]) -> Case:
    """Number the nodes in another order than they were made in: numbers must not matter."""
    seed, specs, wires, given = parts
    numbers = list(range(len(specs)))
    if rng.random() < 0.4:
        rng.shuffle(numbers)
    placed = list(specs)
    for at, number in enumerate(numbers):
        placed[number] = specs[at]
    for wire in wires:
        wire.source, wire.sink = numbers[wire.source], numbers[wire.sink]
    if rng.random() < 0.3:
        rng.shuffle(wires)
    case.__init__(seed, placed, wires, numbers, frozenset(numbers[at] for at in given))  # type: ignore[misc]
    return case


def _sources(rng: Random, specs: list[Spec], given: set[int]) -> None:
    if rng.random() < 0.5:
        specs.append(_spec(rng, "gen"))
    for _ in range(int(rng.random() * 2) + (not specs)):
        if rng.random() < 0.85:
            given.add(len(specs))
        specs.append(Spec("input"))


def _spec(rng: Random, role: str) -> Spec:
    spec = Spec(role)
    if rng.random() < 0.45:
        spec.effect = 1 + int(rng.random() * 3)
    if role == "wait":
        spec.effect = spec.effect if rng.random() < 0.5 else spec.effect or IDEMPOTENT
        spec.ordered = rng.random() < 0.3
    elif rng.random() < 0.06:
        spec.ordered = False
    if role == "gen":
        spec.many = (0, 1) if rng.random() < 0.2 else (0,)
        if rng.random() < 0.2:
            spec.fails = 3
    if role == "fail" or (role == "wait" and rng.random() < 0.2):
        spec.fails = 2 + int(rng.random() * 2)
    if spec.effect and rng.random() < 0.03:
        spec.random = True
    if not spec.effect and rng.random() < 0.01:
        spec.lies = True
    return spec


def _pin(rng: Random, specs: list[Spec], node: int) -> int:
    spec = specs[node]
    if spec.fails and rng.random() < 0.45:
        return ERROR
    if spec.role == "branch" or len(spec.many) > 1:
        return int(rng.random() * 2)
    return 0


def _source(rng: Random, specs: list[Spec], below: int) -> tuple[int, int]:
    node = below - 1 - int(rng.random() ** 1.7 * below)
    return node, _pin(rng, specs, node)


def _link(rng: Random, specs: list[Spec], wires: list[Wire], sink: int, slot: str) -> None:
    links = 1 if rng.random() < 0.86 else 2 + int(rng.random() * 2)
    static = rng.random() < 0.14
    for _ in range(links):
        source, pin = _source(rng, specs, sink)
        optional = pin != ERROR and rng.random() < 0.06
        wires.append(Wire(source, pin, sink, slot, static and rng.random() < 0.95, optional))


def _grow(rng: Random, specs: list[Spec], wires: list[Wire]) -> None:
    role = _WEIGHTED[int(rng.random() * len(_WEIGHTED))]
    sink = len(specs)
    spec = _spec(rng, role)
    if role == "collect":
        spec.collecting = frozenset(("a",))
        extra = int(rng.random() * 1.35)
    else:
        extra = int(rng.random() ** 1.5 * 3)
    specs.append(spec)
    for at in range(1 + extra):
        _link(rng, specs, wires, sink, "abcd"[at])
    if spec.fails and rng.random() < 0.5:
        taker = Spec("map")
        specs.append(taker)
        wires.append(Wire(sink, ERROR, sink + 1, "a", static=False))


def _diamond(rng: Random, specs: list[Spec], wires: list[Wire]) -> None:
    """A stream, two arms of which one may lose items, and a join."""
    if not any(spec.role == "gen" for spec in specs):
        specs.append(_spec(rng, "gen"))
        wires.append(Wire(int(rng.random() * (len(specs) - 1)), 0, len(specs) - 1, "a", static=False))
    stream = next(at for at, spec in enumerate(specs) if spec.role == "gen")
    arms = []
    for _ in range(2):
        role = ("map", "filter", "branch", "fail", "wait", "gen", "map")[int(rng.random() * 7)]
        arms.append(len(specs))
        specs.append(_spec(rng, role))
        wires.append(Wire(stream, 0, arms[-1], "a", static=False))
    join = len(specs)
    specs.append(_spec(rng, "map"))
    for at, arm in enumerate(arms):
        wires.append(Wire(arm, _pin(rng, specs, arm), join, "ab"[at], static=False))
    for at, arm in enumerate(arms):
        if specs[arm].role == "branch" and rng.random() < 0.5:
            wires.append(Wire(arm, 1, join, "ab"[at], static=False))
