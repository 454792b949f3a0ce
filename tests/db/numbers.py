"""A table of numbers, for tests that ask what has been committed."""

from weft.db.database import Database


async def make_numbers(database: Database) -> None:
    async with database.transaction() as tx:
        await tx.execute("CREATE TABLE numbers (n int PRIMARY KEY)")


async def numbers(database: Database) -> list[int]:
    async with database.transaction() as tx:
        return list(await tx.scalars("SELECT n FROM numbers ORDER BY n"))


async def idle_in_transaction(database: Database) -> int:
    """Sessions of this database, other than the one that asks, which have a transaction open."""
    async with database.transaction() as tx:
        return int(
            await tx.scalar(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                " AND pid <> pg_backend_pid() AND state LIKE 'idle in transaction%'"
            )
        )
