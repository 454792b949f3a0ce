"""`weft migrate`: the one command that changes a server's schema."""

from rich.text import Text

from weft.cli.exits import ExitCode
from weft.cli.options import AsJson
from weft.cli.output import write_json
from weft.cli.session import run_async
from weft.cli.terminal import stdout
from weft.db.embedded.server import start_embedded
from weft.db.migrate import SchemaState
from weft.db.migrate import migrate as migrate_schema
from weft.settings import Settings


def migrate(as_json: AsJson = False) -> int:
    """Bring the database to this program's version; does nothing when it is there already.

    With the embedded database nobody needs this: every start does it. A server of one's own is changed by this
    command only; its login needs the right to create roles and tables.

    Example: `WEFT_DATABASE_URL=postgresql://weft@db.example/weft weft migrate`
    """
    state = run_async(_migrate(Settings.load()))
    if as_json:
        write_json({"status": state.status, "at": state.at, "head": state.head})
    else:
        stdout().print(Text(f"the database is at migration {state.at}"))
    return ExitCode.DONE


async def _migrate(settings: Settings) -> SchemaState:
    schema, home = settings.database.schema_name, settings.home
    if settings.database.url is not None:
        return await migrate_schema(settings.database.url.get_secret_value(), schema=schema)
    embedded = await start_embedded(home.path, major=home.postgres_major, binaries=home.postgres_bin)
    async with embedded as server:
        return await migrate_schema(server.url, schema=schema)
