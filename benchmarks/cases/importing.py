"""The import of a large agent file of the AutoGPT Platform, by the whole program, its start included."""

import json
import uuid
from typing import Any

from benchmarks.cases.process import Figures, Options, children_peak_mb, main
from benchmarks.cases.program import Answer, weft
from benchmarks.measure import NotKept

NODES = 5_000
INPUT = "c0a8e994-ebf1-4a9c-a4d8-89d09c86741b"
OUTPUT = "363ae599-353e-4804-937e-b2ee3cef3da4"
STORE_VALUE = "1ff065e9-88e8-4358-9d82-8dc91f622ba9"
FILL_TEMPLATE = "db7d8f02-2f44-4c55-ab7a-eae0941f0c30"


def agent(nodes: int) -> dict[str, Any]:
    """Return an agent that nobody has seen: an input, values stored and filled into templates by turns, an output."""
    middle = [(FILL_TEMPLATE, {"format": "{{ text }}."}) if at % 2 else (STORE_VALUE, {}) for at in range(nodes - 2)]
    blocks = [(INPUT, {"name": "text"}), *middle, (OUTPUT, {"name": "end"})]
    ends = {
        INPUT: ("", "result"),
        STORE_VALUE: ("input", "output"),
        FILL_TEMPLATE: ("values_#_text", "output"),
        OUTPUT: ("value", ""),
    }
    ids = [str(uuid.uuid4()) for _ in blocks]
    links = [
        {
            "id": str(uuid.uuid4()),
            "source_id": ids[at],
            "source_name": ends[blocks[at][0]][1],
            "sink_id": ids[at + 1],
            "sink_name": ends[blocks[at + 1][0]][0],
            "is_static": False,
        }
        for at in range(len(blocks) - 1)
    ]
    return {
        "id": str(uuid.uuid4()),
        "version": 1,
        "is_active": True,
        "name": f"Agent of {nodes} nodes",
        "description": "",
        "nodes": [
            {
                "id": ids[at],
                "block_id": block,
                "input_default": values,
                "metadata": {"position": {"x": 500.0 * at, "y": 0.0}},
                "input_links": links[at - 1 : at] if at else [],
                "output_links": links[at : at + 1],
            }
            for at, (block, values) in enumerate(blocks)
        ],
        "links": links,
    }


def import_new(options: Options, nodes: int) -> Answer:
    """Import a new agent and return the report."""
    path = options.scratch / "agent.json"
    path.write_text(json.dumps(agent(nodes)))
    return weft("import", str(path), settings={"WEFT_HOME": str(options.home)})


async def measure(options: Options) -> Figures:
    """Measure an import into the embedded database, which runs and has its tables."""
    nodes = options.size or NODES
    import_new(options, 2)
    answer = import_new(options, nodes)
    report = answer.document
    kept = [node for node in report["nodes"] if node["result"] in {"mapped", "renamed"}]
    if len(kept) != nodes or not report["runnable"]:
        raise NotKept(f"of {nodes} nodes {len(kept)} were imported")
    return {
        "nodes": nodes,
        "seconds": answer.seconds,
        "processor_s": answer.processor_s,
        "peak_mb": children_peak_mb(),
    }


if __name__ == "__main__":
    main(measure)
