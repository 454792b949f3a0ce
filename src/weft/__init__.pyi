"""What `weft` has, for type checkers: `__init__.py` loads it when it is first used."""

from weft.local.app import App as App
from weft.local.background import close as close
from weft.local.drawing import Drawing as Drawing
from weft.local.result import Result as Result
from weft.local.running import arun as arun
from weft.local.running import draw as draw
from weft.local.running import open as open  # noqa: A004
from weft.local.running import run as run
