"""Triggers that note what happens to executions and firings, so that afterwards it can be said what happened in between."""

import asyncpg

_INSTALL = """
CREATE SCHEMA faults;
CREATE TABLE faults.statuses (n bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT clock_timestamp(), execution_id uuid NOT NULL, was text,
    status text NOT NULL, token bigint NOT NULL, worker bigint);
CREATE TABLE faults.firings (n bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT clock_timestamp(), execution_id uuid NOT NULL, node int NOT NULL, index int NOT NULL,
    was text, outcome text NOT NULL, seq_was bigint,
    seq_end bigint NOT NULL, worker bigint, backend int NOT NULL DEFAULT pg_backend_pid());
GRANT USAGE ON SCHEMA faults TO PUBLIC;
GRANT SELECT, INSERT ON faults.statuses, faults.firings TO PUBLIC;
CREATE FUNCTION faults.note_status() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO faults.statuses (execution_id, was, status, token, worker) VALUES
        (NEW.id, CASE WHEN TG_OP = 'UPDATE' THEN OLD.status END, NEW.status, NEW.token, NEW.worker);
    RETURN NULL;
END $$;
CREATE FUNCTION faults.note_firing() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO faults.firings (execution_id, node, index, was, outcome, seq_was, seq_end, worker) VALUES
        (NEW.execution_id, NEW.node, NEW.index, CASE WHEN TG_OP = 'UPDATE' THEN OLD.outcome END, NEW.outcome,
         CASE WHEN TG_OP = 'UPDATE' THEN OLD.seq_end END, NEW.seq_end,
         (SELECT worker FROM executions WHERE id = NEW.execution_id));
    RETURN NULL;
END $$;
SET ROLE weft_owner;
CREATE TRIGGER faults_insert AFTER INSERT ON executions FOR EACH ROW EXECUTE FUNCTION faults.note_status();
CREATE TRIGGER faults_update AFTER UPDATE ON executions FOR EACH ROW
    WHEN (OLD.status IS DISTINCT FROM NEW.status OR OLD.token <> NEW.token) EXECUTE FUNCTION faults.note_status();
CREATE TRIGGER faults_firing AFTER INSERT OR UPDATE ON node_executions FOR EACH ROW EXECUTE FUNCTION faults.note_firing();
RESET ROLE;
"""


async def install(connection: asyncpg.Connection) -> None:
    """Note from now on every status and every firing of a database; the connection must be the login's own."""
    await connection.execute(_INSTALL)
