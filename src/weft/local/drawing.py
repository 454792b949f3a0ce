"""`Drawing`: a graph as a picture, which notebooks show by themselves."""

from dataclasses import dataclass

from weft.errors import InvalidInput
from weft.executions.types import Execution
from weft.graphs.drawing.colours import Theme
from weft.graphs.drawing.mermaid import draw_mermaid
from weft.graphs.drawing.svg import draw_svg
from weft.graphs.types import GraphContent
from weft.sdk import Catalog


@dataclass(frozen=True, slots=True, repr=False)
class Drawing:
    """A picture of a graph, or of how far a run of it is; drawn when it is asked for.

    Attributes:
        run: Whose states are shown; None: the graph alone.
    """

    content: GraphContent
    catalog: Catalog
    run: Execution | None = None

    def svg(self, theme: str = Theme.AUTO) -> str:
        """Return an SVG document; `theme` is "light", "dark", or "auto" for what the viewer prefers.

        Raises:
            InvalidInput: There is no such theme.
        """
        return draw_svg(self.content, self.catalog, run=self.run, theme=_theme(theme))

    def mermaid(self, theme: str = Theme.AUTO) -> str:
        """Return the text of a Mermaid flowchart.

        Raises:
            InvalidInput: There is no such theme.
        """
        return draw_mermaid(self.content, self.catalog, run=self.run, theme=_theme(theme))

    def __repr__(self) -> str:
        of_run = "" if self.run is None else f", {self.run.status}"
        return f"<weft.Drawing of {self.content.name!r}: {len(self.content.nodes)} nodes{of_run}>"

    def _repr_svg_(self) -> str:
        return self.svg()


def _theme(name: str) -> Theme:
    try:
        return Theme(name)
    except ValueError as error:
        known = ", ".join(Theme)
        raise InvalidInput(f"there is no theme {name!r}; there are: {known}") from error
