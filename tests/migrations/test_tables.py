"""What holds for every table of the migrated database, also for those that are still to come."""

import re

from tests.migrations.catalogue import Catalogue
from weft.db.shared_tables import SHARED_TABLES
from weft.executions.types import ExecutionStatus

ROLES = ("weft_owner", "weft_api", "weft_worker")
STATUS_TABLES = {"executions", "node_executions"}


async def test_every_table_belongs_to_a_user_or_says_why_not(catalogue: Catalogue) -> None:
    owned = {
        row["table_name"]
        for row in await catalogue.columns()
        if row["column_name"] == "user_id" and row["is_nullable"] == "NO" and row["data_type"] == "uuid"
    }
    names = {table["name"] for table in await catalogue.tables()}

    assert names - owned == set(SHARED_TABLES)
    assert all(len(reason) > 20 for reason in SHARED_TABLES.values())


async def test_every_table_of_a_user_has_forced_row_level_security(catalogue: Catalogue) -> None:
    tables = {table["name"]: table for table in await catalogue.tables()}

    open_tables = {name for name, table in tables.items() if not (table["secured"] and table["forced"])}

    assert open_tables == set(SHARED_TABLES) - {"users"}


async def test_every_secured_table_has_one_policy_for_each_role(catalogue: Catalogue) -> None:
    secured = {table["name"] for table in await catalogue.tables() if table["secured"]}
    found = {(row["tablename"], row["roles"]): row for row in await catalogue.policies()}

    assert set(found) == {(table, f"{{{role}}}") for table in secured for role in ROLES}


async def test_the_apis_policies_compare_the_owner_with_the_transactions_user(catalogue: Catalogue) -> None:
    for row in await catalogue.policies():
        if row["roles"] == "{weft_api}":
            column = "id" if row["tablename"] == "users" else "user_id"
            assert re.fullmatch(rf"\({column} = \( SELECT current_app_user\(\) AS current_app_user\)\)", row["qual"])
            assert row["with_check"] is None or row["qual"][1:-1] in row["with_check"]
            assert row["cmd"] == "ALL"


async def test_tables_belong_to_the_owner_role_and_nobody_else_has_rights(catalogue: Catalogue) -> None:
    assert {t["owner"] for t in await catalogue.tables() if t["name"] != "alembic_version"} == {"weft_owner"}
    strangers = {row["grantee"] for row in await catalogue.grants() if row["table_name"] != "alembic_version"}
    assert strangers == set(ROLES)


async def test_status_columns_take_exactly_the_statuses_there_are(catalogue: Catalogue) -> None:
    checks = {
        row["on_table"]: set(re.findall(r"'(\w+)'", row["definition"]))
        for row in await catalogue.constraints()
        if re.fullmatch(r"chk_\w*execution_status", row["conname"])
    }

    assert checks == {table: {str(status) for status in ExecutionStatus} for table in STATUS_TABLES}
    assert {row["table_name"] for row in await catalogue.columns() if row["column_name"] == "status"} == STATUS_TABLES


async def test_no_index_holds_a_status(catalogue: Catalogue) -> None:
    found = [row["indexname"] for row in await catalogue.indexes() if re.search(r"\bstatus\b", row["indexdef"])]

    assert found == []


async def test_times_have_a_zone(catalogue: Catalogue) -> None:
    zoneless = [row for row in await catalogue.columns() if row["data_type"] in ("timestamp without time zone", "date")]

    assert zoneless == []


async def test_values_are_json_that_keeps_what_was_written(catalogue: Catalogue) -> None:
    rewritten = [row for row in await catalogue.columns() if row["data_type"] == "jsonb"]

    assert rewritten == []


async def test_a_functions_search_path_is_fixed_when_it_has_its_owners_rights(catalogue: Catalogue) -> None:
    async with catalogue.database.transaction() as tx:
        loose = await tx.scalars(
            "SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prosecdef AND proconfig IS NULL"
        )

    assert list(loose) == []
