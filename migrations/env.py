"""What Alembic runs: the migrations of one schema, on the connection that `weft.db.migrate` hands over."""

import importlib
import importlib.util
import pkgutil

from alembic import context

import weft
from weft.db.base import Base


def load_tables() -> None:
    """Import every domain's `tables` module there is, so that `Base.metadata` knows all tables."""
    for module in pkgutil.iter_modules(weft.__path__, "weft."):
        if module.ispkg and importlib.util.find_spec(f"{module.name}.tables") is not None:
            importlib.import_module(f"{module.name}.tables")


def run() -> None:
    """Run what the command asked for, each migration in a transaction of its own."""
    connection = context.config.attributes.get("connection")
    if connection is None:
        raise SystemExit("migrations run through `weft migrate`, which knows the database")
    load_tables()
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        version_table_schema=context.config.attributes["schema"],
        transaction_per_migration=True,
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()


run()
