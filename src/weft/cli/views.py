"""Which display suits where the program's words go."""

from weft.cli.lines import LineView, SilentView
from weft.cli.live import LiveView
from weft.cli.terminal import stderr
from weft.local.progress import View


def choose_view(*, as_json: bool) -> View:
    """Return a live table on a terminal, plain lines elsewhere, nothing for programs."""
    if as_json:
        return SilentView()
    console = stderr()
    return LiveView(console) if console.is_terminal and not console.is_dumb_terminal else LineView(console)
