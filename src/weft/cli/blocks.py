"""`weft blocks`: what graphs are made of."""

from rich.table import Table
from rich.text import Text

from weft.cli.exits import ExitCode
from weft.cli.library import load_catalog
from weft.cli.options import AsJson
from weft.cli.output import write_json
from weft.cli.terminal import one_line, print_table, stderr, stdout
from weft.sdk import Catalog
from weft.sdk.block_schema import describe

_WIDE = 110


def blocks(as_json: AsJson = False) -> int:
    """List the blocks of Weft and of installed packages; `--json` has their schemas and costs.

    Examples:
    - `weft blocks`
    - `weft blocks --json | jq '.items[] | select(.id == "http.request") | .input_schema'`
    """
    catalog = load_catalog()
    for problem in catalog.problems:
        stderr().print(Text(f"warning: {one_line(problem.source)}: {one_line(problem.message)}", style="yellow"))
    if as_json:
        write_json({"items": [describe(block) for block in catalog]})
    else:
        console = stdout()
        print_table(console, _table(catalog, wide=console.width >= _WIDE))
    return ExitCode.DONE


def _table(catalog: Catalog, *, wide: bool) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("id", style="bold", no_wrap=True)
    if wide:
        table.add_column("needs", overflow="fold", max_width=20)
        table.add_column("gives", overflow="fold", max_width=30)
    table.add_column("what it does")
    for block in catalog:
        spec = block.spec
        inputs = ", ".join(name for name, pin in spec.inputs.items() if pin.required) or "-"
        outputs = ", ".join(name for name in spec.outputs if name != "error") or "-"
        pins = (inputs, outputs) if wide else ()
        table.add_row(spec.id, *pins, one_line(spec.description.partition("\n")[0]))
    return table
