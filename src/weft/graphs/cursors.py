"""Opaque places in lists: what a client hands back to get the next page."""

import base64
import binascii
import json
from datetime import datetime
from typing import Any
from uuid import UUID

from weft.errors import InvalidInput
from weft.graphs.types import GraphSort, GraphSummary


def write_cursor(sort: GraphSort, last: GraphSummary) -> str:
    """Return the place behind the last graph of a page."""
    value = getattr(last, sort.value)
    shown = value.isoformat() if isinstance(value, datetime) else value
    return base64.urlsafe_b64encode(json.dumps([sort.value, shown, str(last.id)]).encode()).decode()


def read_cursor(sort: GraphSort, cursor: str) -> tuple[Any, UUID]:
    """Return the sort value and the id that a cursor holds.

    Raises:
        InvalidInput: It is none of ours, or belongs to a list sorted in another way.
    """
    try:
        sorted_by, value, graph_id = json.loads(base64.urlsafe_b64decode(cursor))
        place = str(value) if sort is GraphSort.NAME else datetime.fromisoformat(value)
        if sorted_by != sort.value:
            raise ValueError
        return place, UUID(graph_id)
    except (ValueError, TypeError, AttributeError, binascii.Error):
        raise InvalidInput(f"the cursor is none of a list sorted by {sort.value}", cursor=cursor) from None
