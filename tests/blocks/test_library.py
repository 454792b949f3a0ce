"""The library as a whole: which blocks there are, where they stand, and that the catalog finds them."""

import json

import pytest

from tests.blocks.library import BLOCKS
from weft.sdk import Block, BlockType, Catalog

IDS = [
    "agent.loop",
    "agent.run",
    "api-call",
    "base64.decode",
    "base64.encode",
    "csv.parse",
    "csv.render",
    "data.convert",
    "data.count",
    "data.store_value",
    "date.add",
    "date.business_days",
    "date.calendar",
    "date.compare",
    "date.convert_zone",
    "date.difference",
    "date.format",
    "date.is_before",
    "date.parse",
    "date.range",
    "dict.add",
    "dict.create",
    "dict.find",
    "dict.is_empty",
    "dict.keys",
    "dict.merge",
    "dict.remove",
    "dict.replace",
    "file.from_text",
    "file.info",
    "file.read",
    "file.read_spreadsheet",
    "file.store",
    "file.to_text",
    "flow.collect",
    "flow.for_each",
    "flow.merge",
    "flow.note",
    "flow.range",
    "flow.step_through",
    "flow.stop",
    "hash.digest",
    "http.download",
    "http.get",
    "http.request",
    "http.upload",
    "input.any",
    "input.boolean",
    "input.date",
    "input.dropdown",
    "input.file",
    "input.long_text",
    "input.number",
    "input.table",
    "input.text",
    "input.time",
    "json.parse",
    "json.render",
    "list.add",
    "list.concatenate",
    "list.create",
    "list.difference",
    "list.filter",
    "list.find",
    "list.flatten",
    "list.get",
    "list.interleave",
    "list.intersection",
    "list.is_empty",
    "list.map",
    "list.remove",
    "list.replace",
    "list.reverse",
    "list.sample",
    "list.slice",
    "list.sort",
    "list.unique",
    "list.zip",
    "logic.calculator",
    "logic.compare_text",
    "logic.condition",
    "logic.switch",
    "markdown.to_html",
    "output.file",
    "output.value",
    "random.choice",
    "random.number",
    "testing.append_line",
    "testing.append_line_once",
    "testing.ask",
    "testing.fail",
    "testing.generate",
    "testing.harm",
    "testing.noop",
    "testing.noop_effect",
    "testing.record",
    "testing.trace",
    "text-input",
    "text.change_case",
    "text.combine",
    "text.decode",
    "text.diff",
    "text.encode",
    "text.extract",
    "text.extract_code",
    "text.extract_links",
    "text.fill_template",
    "text.match",
    "text.pad",
    "text.print",
    "text.replace",
    "text.similarity",
    "text.slug",
    "text.split",
    "text.statistics",
    "text.trim",
    "text.truncate",
    "time.countdown",
    "time.current_date",
    "time.current_datetime",
    "time.current_time",
    "time.sleep",
    "time.until",
    "uuid.create",
    "xml.parse",
    "xml.render",
    "yaml.parse",
    "yaml.render",
]

each_block = pytest.mark.parametrize("block", [pytest.param(block, id=block.id) for block in BLOCKS])


def test_ids_once_given_stay() -> None:
    assert [block.id for block in BLOCKS] == IDS


def test_no_two_blocks_look_the_same_to_people() -> None:
    names = [block.name for block in BLOCKS]
    descriptions = [block.description for block in BLOCKS]

    assert len(set(names)) == len(names)
    assert len(set(descriptions)) == len(descriptions)


def test_the_catalog_finds_the_library() -> None:
    catalog = Catalog.load()

    assert [problem for problem in catalog.problems if problem.source == "weft"] == []
    assert [id for id in IDS if id not in catalog and not id.startswith("testing.")] == []


@each_block
def test_a_block_stands_in_a_file_of_its_own(block: Block) -> None:
    module = type(block).__module__

    assert [other.id for other in BLOCKS if type(other).__module__ == module] == [block.id]


@each_block
def test_only_blocks_for_tests_stand_apart(block: Block) -> None:
    assert type(block).__module__.startswith("weft.blocks.testing.") is block.id.startswith("testing.")


@each_block
def test_forms_and_pins_are_plain_json(block: Block) -> None:
    inputs = [pin.schema for pin in block.spec.inputs.values()]
    outputs = [pin.schema for pin in block.spec.outputs.values()]

    assert json.loads(json.dumps([inputs, outputs])) == [inputs, outputs]


@each_block
def test_inputs_and_outputs_of_a_graph_hold_name_and_value(block: Block) -> None:
    result = {BlockType.INPUT: "result", BlockType.OUTPUT: "output"}.get(block.block_type)

    if result is not None:
        assert {"name", "value", "title", "description"} <= block.spec.inputs.keys()
        assert next(iter(block.spec.outputs)) == result
        assert block.spec.inputs["name"].required
