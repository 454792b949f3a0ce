"""All rows, in the order in which they are played."""

from tests.faults import row_database, row_kills, row_machine, row_overload, row_points, row_redis, row_requests
from tests.faults.stage import Row

_MODULES = (row_kills, row_database, row_redis, row_requests, row_overload, row_points)
ROWS: tuple[Row, ...] = (
    *sorted((row for module in _MODULES for row in module.ROWS), key=lambda row: int(row.name.removeprefix("F"))),
    *row_machine.ROWS,
)
