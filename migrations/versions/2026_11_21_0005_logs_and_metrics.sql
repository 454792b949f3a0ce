-- What runs say while they run, and what was measured of them. Statements are separated by blank lines. docs/design/logs.md says
-- why the tables are these.

CREATE TABLE execution_logs (
    execution_id uuid NOT NULL,
    seq bigint NOT NULL,
    user_id uuid NOT NULL,
    number integer NOT NULL,
    node smallint,
    index integer,
    attempt smallint,
    level text NOT NULL,
    message text NOT NULL,
    metadata json,
    at timestamptz NOT NULL,
    CONSTRAINT pk_execution_logs PRIMARY KEY (execution_id, seq),
    CONSTRAINT chk_execution_log_level CHECK (level IN ('debug', 'info', 'warning', 'error', 'critical')),
    CONSTRAINT fk_execution_logs_execution_id FOREIGN KEY (execution_id) REFERENCES executions (id) ON DELETE CASCADE
);

CREATE TABLE execution_metrics (
    execution_id uuid NOT NULL,
    node smallint NOT NULL,
    name text NOT NULL,
    user_id uuid NOT NULL,
    value double precision NOT NULL,
    unit text NOT NULL,
    tags json,
    at timestamptz DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT pk_execution_metrics PRIMARY KEY (execution_id, node, name),
    CONSTRAINT fk_execution_metrics_execution_id FOREIGN KEY (execution_id) REFERENCES executions (id) ON DELETE CASCADE
);

-- Lines are written once and never changed. Measured values add up while a run goes on.
GRANT SELECT ON execution_logs, execution_metrics TO weft_api;

GRANT SELECT, INSERT ON execution_logs TO weft_worker;

GRANT SELECT, INSERT, UPDATE (value, at) ON execution_metrics TO weft_worker;
