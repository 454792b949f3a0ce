"""Random contents of graphs: everything that a file may hold, sensible or not."""

from hypothesis import strategies as st

from weft.graphs.types import GraphContent, Link, Node, Policy

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
LABELS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=100)
IDS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=12)
INTS = st.integers(-(2**63), 2**63 - 1)
SCALARS = st.none() | st.booleans() | INTS | st.floats(allow_nan=False, allow_infinity=False) | TEXTS
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)
POLICIES = st.builds(
    Policy,
    attempts=st.none() | st.integers(1, 100),
    backoff_s=st.none() | st.floats(0, 3600),
    ordered=st.none() | st.booleans(),
)
OBJECTS = st.dictionaries(TEXTS, VALUES, max_size=3).filter(lambda value: "position" not in value)


@st.composite
def graphs(draw: st.DrawFn) -> GraphContent:
    ids = draw(st.lists(IDS, max_size=5, unique=True))
    nodes = tuple(
        Node(
            id=id,
            block_id=draw(st.sampled_from(["toy.upper", "toy.add", "gone.block"])),
            label=draw(LABELS),
            input_default=draw(OBJECTS),
            metadata=draw(OBJECTS),
            policy=draw(POLICIES),
        )
        for id in ids
    )
    ends = st.sampled_from(ids) if ids else IDS
    links = tuple(
        Link(
            id=id,
            source_id=draw(ends),
            source_name=draw(LABELS),
            sink_id=draw(ends),
            sink_name=draw(LABELS),
            is_static=draw(st.booleans()),
            optional_path=draw(st.booleans()),
        )
        for id in draw(st.lists(IDS, max_size=4, unique=True))
    )
    return GraphContent(name=draw(LABELS), description=draw(st.none() | TEXTS), nodes=nodes, links=links)
