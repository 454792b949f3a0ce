"""Files and graphs of programs become versions of saved graphs; apart from reading them, which needs no database."""

from weft.db.transaction import Transaction
from weft.graphs.types import GraphVersion
from weft.interop.service import save_imported
from weft.local.sources import GraphFile
from weft.sdk import Catalog
from weft.users.types import LOCAL_OWNER


async def remember(tx: Transaction, file: GraphFile, catalog: Catalog) -> GraphVersion:
    """Return the version that holds the file's main graph, saved now if there was none."""
    return (await save_imported(tx, LOCAL_OWNER, file.imported, catalog=catalog))[-1]
