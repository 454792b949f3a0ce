-- The first schema. Statements are separated by blank lines. docs/design/journal.md says what the engine's tables are for,
-- docs/design/graphs.md the graphs'.

-- Roles: weft_owner owns and migrates, weft_api is bound by row-level security, weft_worker runs the engine. Nobody logs in
-- as one of them: a login takes a role on for the length of its connection. Roles belong to the whole server, so they may
-- be there already.
DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['weft_owner', 'weft_api', 'weft_worker'] LOOP
        BEGIN
            EXECUTE format('CREATE ROLE %I NOLOGIN NOSUPERUSER NOBYPASSRLS', name);
        EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
        END;
        EXECUTE format('GRANT %I TO CURRENT_USER', name);
        EXECUTE format('GRANT USAGE ON SCHEMA %I TO %I', current_schema(), name);
    END LOOP;
    EXECUTE format('GRANT CREATE ON SCHEMA %I TO weft_owner', current_schema());
END $$;

SET LOCAL ROLE weft_owner;

CREATE TABLE leases (
    execution_id uuid NOT NULL,
    worker bigint NOT NULL,
    token bigint NOT NULL,
    user_id uuid NOT NULL,
    CONSTRAINT pk_leases PRIMARY KEY (execution_id)
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000, autovacuum_vacuum_cost_delay = 0);

CREATE INDEX idx_leases_worker ON leases (worker);

CREATE TABLE queue (
    rank bigint NOT NULL,
    execution_id uuid NOT NULL,
    user_id uuid NOT NULL,
    CONSTRAINT pk_queue PRIMARY KEY (rank, execution_id)
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000, autovacuum_vacuum_cost_delay = 0);

CREATE INDEX idx_queue_execution ON queue (execution_id);

CREATE INDEX idx_queue_user_rank ON queue (user_id, rank);

CREATE TABLE timers (
    run_at timestamptz NOT NULL,
    execution_id uuid NOT NULL,
    wait_key text NOT NULL,
    user_id uuid NOT NULL,
    CONSTRAINT pk_timers PRIMARY KEY (run_at, execution_id, wait_key)
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000, autovacuum_vacuum_cost_delay = 0);

CREATE TABLE users (
    id uuid NOT NULL,
    email text NOT NULL,
    email_verified boolean DEFAULT true NOT NULL,
    name varchar(100),
    role text DEFAULT 'user' NOT NULL,
    timezone text DEFAULT 'UTC' NOT NULL,
    locale text DEFAULT 'en-US' NOT NULL,
    is_active boolean DEFAULT true NOT NULL,
    bio varchar(500),
    website varchar(200),
    password_hash text,
    integrations text DEFAULT '' NOT NULL,
    stripe_customer_id text,
    preferences json DEFAULT '{}' NOT NULL,
    metadata json DEFAULT '{}' NOT NULL,
    max_emails_per_day integer DEFAULT 3 NOT NULL,
    notify_on_agent_run boolean DEFAULT true NOT NULL,
    notify_on_zero_balance boolean DEFAULT true NOT NULL,
    notify_on_low_balance boolean DEFAULT true NOT NULL,
    notify_on_block_execution_failed boolean DEFAULT true NOT NULL,
    notify_on_continuous_agent_error boolean DEFAULT true NOT NULL,
    notify_on_daily_summary boolean DEFAULT true NOT NULL,
    notify_on_weekly_summary boolean DEFAULT true NOT NULL,
    notify_on_monthly_summary boolean DEFAULT true NOT NULL,
    created_at timestamptz DEFAULT now() NOT NULL,
    updated_at timestamptz DEFAULT now() NOT NULL,
    last_login_at timestamptz,
    CONSTRAINT pk_users PRIMARY KEY (id),
    CONSTRAINT ck_users_role CHECK (role IN ('user', 'admin', 'moderator', 'developer')),
    CONSTRAINT ck_users_max_emails_per_day CHECK (max_emails_per_day >= 0),
    CONSTRAINT ck_users_email CHECK (char_length(email) BETWEEN 3 AND 320 AND email = btrim(email))
);

CREATE INDEX idx_users_active ON users (last_login_at) WHERE is_active;

CREATE INDEX idx_users_created_at ON users (created_at);

CREATE UNIQUE INDEX idx_users_email ON users (lower(email));

CREATE UNIQUE INDEX idx_users_stripe_customer_id ON users (stripe_customer_id) WHERE stripe_customer_id IS NOT NULL;

CREATE TABLE workers (
    id bigint NOT NULL,
    beat timestamptz NOT NULL,
    ttl interval NOT NULL,
    server_start timestamptz NOT NULL,
    CONSTRAINT pk_workers PRIMARY KEY (id)
) WITH (fillfactor = 50);

CREATE TABLE graphs (
    id uuid NOT NULL,
    user_id uuid NOT NULL,
    name varchar(100) NOT NULL,
    description varchar(500),
    version integer DEFAULT 0 NOT NULL,
    active_version integer,
    is_pinned boolean DEFAULT false NOT NULL,
    revision integer DEFAULT 1 NOT NULL,
    is_active boolean DEFAULT true NOT NULL,
    is_template boolean DEFAULT false NOT NULL,
    source text,
    source_key text,
    source_hash varchar(64),
    created_at timestamptz DEFAULT now() NOT NULL,
    updated_at timestamptz DEFAULT now() NOT NULL,
    deleted_at timestamptz,
    CONSTRAINT pk_graphs PRIMARY KEY (id),
    CONSTRAINT ck_graphs_version CHECK (version >= 0),
    CONSTRAINT ck_graphs_active_version CHECK (active_version BETWEEN 1 AND version),
    CONSTRAINT ck_graphs_revision CHECK (revision >= 1),
    CONSTRAINT ck_graphs_name CHECK (char_length(name) BETWEEN 1 AND 100),
    CONSTRAINT ck_graphs_description CHECK (char_length(description) <= 500),
    CONSTRAINT ck_graphs_source CHECK ((source IS NULL) = (source_key IS NULL)),
    CONSTRAINT fk_graph_user FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
);

CREATE INDEX idx_graphs_created_at ON graphs (created_at);

CREATE INDEX idx_graphs_template ON graphs (updated_at) WHERE is_template AND deleted_at IS NULL;

CREATE INDEX idx_graphs_user_id ON graphs (user_id);

CREATE INDEX idx_graphs_user_id_active ON graphs (user_id, updated_at, id) WHERE is_active AND deleted_at IS NULL;

CREATE INDEX idx_graphs_user_version ON graphs (user_id, version);

CREATE UNIQUE INDEX uq_graphs_source ON graphs (user_id, source, source_key) WHERE source IS NOT NULL AND deleted_at IS NULL;

CREATE TABLE payloads (
    user_id uuid NOT NULL,
    hash bytea NOT NULL,
    codec smallint NOT NULL,
    size bigint NOT NULL,
    bytes bytea NOT NULL,
    created_at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT pk_payloads PRIMARY KEY (user_id, hash),
    CONSTRAINT fk_payloads_user_id FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
);

CREATE TABLE graph_versions (
    id uuid NOT NULL,
    graph_id uuid NOT NULL,
    user_id uuid NOT NULL,
    version integer NOT NULL,
    is_active boolean DEFAULT false NOT NULL,
    content_hash varchar(64) NOT NULL,
    snapshot json NOT NULL,
    created_at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT pk_graph_versions PRIMARY KEY (id),
    CONSTRAINT uq_graph_versions_graph_id_version UNIQUE (graph_id, version),
    CONSTRAINT ck_graph_versions_version CHECK (version >= 1),
    CONSTRAINT fk_graph_version_graph FOREIGN KEY (graph_id) REFERENCES graphs (id) ON DELETE CASCADE
);

CREATE UNIQUE INDEX idx_graph_active_version ON graph_versions (graph_id) WHERE is_active;

CREATE TABLE nodes (
    graph_id uuid NOT NULL,
    id varchar(64) NOT NULL,
    user_id uuid NOT NULL,
    position integer NOT NULL,
    block_id varchar(200) NOT NULL,
    label varchar(100) NOT NULL,
    input_default json DEFAULT '{}' NOT NULL,
    metadata json DEFAULT '{}' NOT NULL,
    policy json DEFAULT '{}' NOT NULL,
    CONSTRAINT pk_nodes PRIMARY KEY (graph_id, id),
    CONSTRAINT ck_nodes_label CHECK (char_length(label) BETWEEN 1 AND 100),
    CONSTRAINT fk_node_graph FOREIGN KEY (graph_id) REFERENCES graphs (id) ON DELETE CASCADE
);

CREATE TABLE executions (
    id uuid NOT NULL,
    user_id uuid NOT NULL,
    graph_id uuid NOT NULL,
    version_id uuid NOT NULL,
    graph_version integer NOT NULL,
    status text DEFAULT 'queued' NOT NULL,
    created_at timestamptz DEFAULT now() NOT NULL,
    started_at timestamptz,
    ended_at timestamptz,
    error json,
    worker bigint,
    token bigint DEFAULT 0 NOT NULL,
    attempts integer DEFAULT 0 NOT NULL,
    claims_without_progress smallint DEFAULT 0 NOT NULL,
    semantics smallint DEFAULT 1 NOT NULL,
    seq bigint DEFAULT 0 NOT NULL,
    cancel_requested_at timestamptz,
    deadline_at timestamptz,
    run_left_s double precision,
    cost_micro bigint DEFAULT 0 NOT NULL,
    budget_held bigint DEFAULT 0 NOT NULL,
    parent_id uuid,
    parent_node smallint,
    parent_index integer,
    forked_from uuid,
    fork_node text,
    snapshot bytea,
    is_shared boolean DEFAULT false NOT NULL,
    share_token text,
    CONSTRAINT pk_executions PRIMARY KEY (id),
    CONSTRAINT chk_execution_status
        CHECK (status IN ('queued', 'running', 'waiting', 'completed', 'failed', 'cancelled', 'timeout')),
    CONSTRAINT chk_execution_times
        CHECK ((started_at IS NULL OR started_at >= created_at)
            AND (ended_at IS NULL OR ended_at >= coalesce(started_at, created_at))
            AND ((status IN ('completed', 'failed', 'cancelled', 'timeout')) = (ended_at IS NOT NULL))
            AND (status <> 'running' OR started_at IS NOT NULL)),
    CONSTRAINT chk_execution_money CHECK (budget_held >= 0 AND cost_micro >= 0),
    CONSTRAINT fk_execution_user FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT fk_execution_graph FOREIGN KEY (graph_id) REFERENCES graphs (id),
    CONSTRAINT fk_executions_version_id FOREIGN KEY (version_id) REFERENCES graph_versions (id)
) WITH (fillfactor = 50);

CREATE INDEX idx_executions_parent ON executions (parent_id) WHERE parent_id IS NOT NULL;

CREATE INDEX idx_executions_user_created ON executions (user_id, created_at DESC, id DESC);

CREATE INDEX idx_graph_executions_created_at ON executions (created_at);

CREATE INDEX idx_graph_executions_graph_id ON executions (graph_id);

CREATE TABLE links (
    graph_id uuid NOT NULL,
    id varchar(64) NOT NULL,
    user_id uuid NOT NULL,
    position integer NOT NULL,
    source_id varchar(64) NOT NULL,
    source_name varchar(500) NOT NULL,
    sink_id varchar(64) NOT NULL,
    sink_name varchar(500) NOT NULL,
    is_static boolean DEFAULT false NOT NULL,
    optional_path boolean DEFAULT false NOT NULL,
    CONSTRAINT pk_links PRIMARY KEY (graph_id, id),
    CONSTRAINT fk_link_source FOREIGN KEY (graph_id, source_id) REFERENCES nodes (graph_id, id) ON DELETE CASCADE,
    CONSTRAINT fk_link_sink FOREIGN KEY (graph_id, sink_id) REFERENCES nodes (graph_id, id) ON DELETE CASCADE,
    CONSTRAINT uq_links_graph_id_ends UNIQUE (graph_id, source_id, source_name, sink_id, sink_name),
    CONSTRAINT fk_link_graph FOREIGN KEY (graph_id) REFERENCES graphs (id) ON DELETE CASCADE
);

CREATE INDEX idx_links_sink_id ON links (graph_id, sink_id);

CREATE TABLE execution_answers (
    execution_id uuid NOT NULL,
    wait_key text NOT NULL,
    user_id uuid NOT NULL,
    data json,
    received_at timestamptz DEFAULT now() NOT NULL,
    taken boolean DEFAULT false NOT NULL,
    CONSTRAINT pk_execution_answers PRIMARY KEY (execution_id, wait_key),
    CONSTRAINT fk_execution_answers_execution_id
        FOREIGN KEY (execution_id) REFERENCES executions (id) ON DELETE CASCADE
);

CREATE TABLE execution_data (
    execution_id uuid NOT NULL,
    user_id uuid NOT NULL,
    inputs json NOT NULL,
    given json NOT NULL,
    context json NOT NULL,
    report json,
    CONSTRAINT pk_execution_data PRIMARY KEY (execution_id),
    CONSTRAINT fk_execution_data_execution_id FOREIGN KEY (execution_id) REFERENCES executions (id) ON DELETE CASCADE
);

CREATE TABLE execution_events (
    execution_id uuid NOT NULL,
    seq bigint NOT NULL,
    user_id uuid NOT NULL,
    kind text NOT NULL,
    node smallint,
    index integer,
    key text,
    data json,
    at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT pk_execution_events PRIMARY KEY (execution_id, seq),
    CONSTRAINT fk_execution_events_execution_id
        FOREIGN KEY (execution_id) REFERENCES executions (id) ON DELETE CASCADE
);

CREATE TABLE node_emissions (
    execution_id uuid NOT NULL,
    seq_first bigint NOT NULL,
    user_id uuid NOT NULL,
    node smallint NOT NULL,
    index integer NOT NULL,
    k_first integer NOT NULL,
    attempt smallint NOT NULL,
    items json NOT NULL,
    CONSTRAINT pk_node_emissions PRIMARY KEY (execution_id, seq_first),
    CONSTRAINT fk_node_emissions_execution_id FOREIGN KEY (execution_id) REFERENCES executions (id) ON DELETE CASCADE
);

CREATE TABLE node_executions (
    execution_id uuid NOT NULL,
    node smallint NOT NULL,
    index integer NOT NULL,
    user_id uuid NOT NULL,
    seq_end bigint NOT NULL,
    status text NOT NULL,
    outcome text NOT NULL,
    attempt smallint NOT NULL,
    started_at timestamptz NOT NULL,
    ended_at timestamptz,
    inputs json NOT NULL,
    outputs json,
    error json,
    cost bigint DEFAULT 0 NOT NULL,
    wait json,
    CONSTRAINT pk_node_executions PRIMARY KEY (execution_id, node, index),
    CONSTRAINT chk_node_execution_status
        CHECK (status IN ('queued', 'running', 'waiting', 'completed', 'failed', 'cancelled', 'timeout')),
    CONSTRAINT fk_node_exec_graph_exec FOREIGN KEY (execution_id) REFERENCES executions (id) ON DELETE CASCADE
);

-- The fair place in the line: behind the user's own last execution, never before the head of the line; or the head itself.
-- It looks at all users' rows, which the role of the API may not, hence its owner's rights.
CREATE FUNCTION enqueue_execution(execution uuid, owner uuid, at_head boolean) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path FROM CURRENT AS $$
    INSERT INTO queue (rank, execution_id, user_id)
    SELECT CASE WHEN at_head THEN coalesce(head.rank, 0) ELSE greatest(mine.rank, head.rank - 1, 0) + 1 END, execution, owner
    FROM (SELECT (SELECT rank FROM queue ORDER BY rank LIMIT 1) AS rank) head,
         (SELECT (SELECT rank FROM queue WHERE user_id = owner ORDER BY rank DESC LIMIT 1) AS rank) mine
    WHERE current_setting('role') <> 'weft_api' OR owner = nullif(current_setting('app.user_id', true), '')::uuid
$$;

-- Whose rows a connection may see: those of the user that its transaction names; without one, nobody's.
CREATE FUNCTION current_app_user() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT nullif(current_setting('app.user_id', true), '')::uuid
$$;

GRANT SELECT, INSERT, UPDATE, DELETE ON graphs, nodes, links TO weft_api;

-- A version's content never changes.
GRANT SELECT, INSERT, UPDATE (is_active), DELETE ON graph_versions TO weft_api;

GRANT SELECT, INSERT ON executions, execution_data TO weft_api;

GRANT UPDATE (status, token, seq, ended_at, cancel_requested_at) ON executions TO weft_api;

GRANT SELECT ON node_executions, node_emissions, execution_events, execution_answers, payloads, leases, workers TO weft_api;

GRANT INSERT ON execution_events, execution_answers TO weft_api;

GRANT SELECT, DELETE ON queue, timers TO weft_api;

GRANT SELECT ON users TO weft_api;

-- Not the role and not the address: whoever changes those acts for somebody else.
GRANT UPDATE (name, email_verified, is_active, timezone, locale, bio, website, integrations, preferences, metadata, max_emails_per_day, notify_on_agent_run,
    notify_on_zero_balance, notify_on_low_balance, notify_on_block_execution_failed, notify_on_continuous_agent_error,
    notify_on_daily_summary, notify_on_weekly_summary, notify_on_monthly_summary, updated_at, last_login_at) ON users TO weft_api;

GRANT SELECT, INSERT, UPDATE, DELETE ON executions, execution_data, node_executions, node_emissions, execution_events,
    execution_answers, payloads, queue, leases, timers, workers TO weft_worker;

GRANT SELECT ON graphs, graph_versions TO weft_worker;

GRANT SELECT (id, name, timezone, locale, is_active) ON users TO weft_worker;

GRANT EXECUTE ON FUNCTION enqueue_execution, current_app_user TO weft_api, weft_worker;

REVOKE EXECUTE ON FUNCTION enqueue_execution FROM PUBLIC;

-- The local owner, as whom the command line acts.
INSERT INTO users (id, email, name) VALUES ('00000000-0000-7000-8000-000000000001', 'owner@localhost', 'Owner');
