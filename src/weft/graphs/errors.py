"""What the use cases of graphs raise.

InvalidInput
└── GraphInvalid         the graph's issues forbid what was asked
    └── DocumentInvalid  the file does not even hold a graph
NotFound
├── GraphNotFound
└── VersionNotFound
Conflict
└── RevisionConflict     somebody else changed the draft first
"""

from collections.abc import Sequence

from weft.errors import Conflict, InvalidInput, NotFound
from weft.graphs.issues import Code, Issue, Level


class GraphInvalid(InvalidInput):
    """The graph cannot be stored, or cannot be run; nothing was changed.

    `issues` holds what forbids it, in the validator's order, at least one.
    """

    code = "GRAPH_INVALID"

    def __init__(self, issues: Sequence[Issue]) -> None:
        message = issues[0].message
        if len(issues) > 1:
            message += f" (and {len(issues) - 1} more)"
        super().__init__(message, issues=[issue.as_dict() for issue in issues])
        self.issues = tuple(issues)


GraphValidationError = GraphInvalid
"""The specification's name of it."""


class DocumentInvalid(GraphInvalid):
    """The text is no graph document; the message opens with the file and the place in it."""

    code = "DOCUMENT_INVALID"

    def __init__(self, problem: Code, message: str, *, place: str, path: str | None = None) -> None:
        where = ": ".join(part for part in (place, path) if part)
        text = f"{where}: {message}" if where else message
        super().__init__([Issue(problem, Level.REFUSED, text, path=path)])


class GraphNotFound(NotFound):
    """There is no such graph, it was deleted, or it is somebody else's."""

    code = "GRAPH_NOT_FOUND"


class VersionNotFound(NotFound):
    """The graph has no such version."""

    code = "GRAPH_VERSION_NOT_FOUND"


class RevisionConflict(Conflict):
    """The draft was changed since the caller read it; nothing was changed. `details` holds both revisions."""

    code = "GRAPH_REVISION_CONFLICT"
