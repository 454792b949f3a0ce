"""How the program starts and ends, apart from what it does."""

import subprocess
import sys

_END = """
import atexit, gc
atexit.register(lambda: print("frozen" if gc.get_freeze_count() else "searched"))
from weft.cli.main import main
main(["--version"])
"""


def test_what_goes_away_with_the_process_is_not_searched_for_garbage_once_more() -> None:
    done = subprocess.run([sys.executable, "-c", _END], capture_output=True, text=True, check=True)

    assert done.stdout.splitlines()[-1] == "frozen"


def test_validating_a_file_needs_no_database_and_loads_none() -> None:
    program = (
        "import sys, weft.cli.main, weft.cli.validate; print(*sorted({'sqlalchemy', 'asyncpg'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout.split() == []
