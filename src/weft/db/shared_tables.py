"""Tables that belong to no single user, each with the reason.

Every other table has `user_id NOT NULL` and forced row-level security; a test compares this list with the
database.
"""

from collections.abc import Mapping
from types import MappingProxyType

SHARED_TABLES: Mapping[str, str] = MappingProxyType(
    {
        "alembic_version": "one row: which migration the schema is at; says nothing about anybody",
        "users": "its own `id` is the user; row-level security compares that",
        "workers": "processes, which serve all users",
    }
)
"""Table name -> why it has no `user_id`."""
