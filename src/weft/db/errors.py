"""What storage can refuse, finer than the roots in `weft.errors`."""

from weft.errors import ConfigurationError, DatabaseError


class PoolExhausted(DatabaseError):
    """No connection of the pool became free in time; nothing was begun, trying again later may help."""

    code = "DATABASE_POOL_EXHAUSTED"


class SchemaBehind(ConfigurationError):
    """The database's schema is older than the program; nothing was changed."""

    code = "SCHEMA_BEHIND"


class SchemaAhead(ConfigurationError):
    """The database's schema is newer than the program; nothing was changed."""

    code = "SCHEMA_AHEAD"
