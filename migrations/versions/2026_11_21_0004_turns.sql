-- Who may run how much at once, who goes first, and starts that are asked for twice. Statements are separated by blank lines.
-- docs/design/dispatch.md says how they work together.

ALTER TABLE executions ADD COLUMN priority smallint DEFAULT 0 NOT NULL, ADD COLUMN key text;

-- Priority 2 stands for what goes on rather than begins: nothing of the same user overtakes it.
ALTER TABLE queue ADD COLUMN priority smallint DEFAULT 0 NOT NULL, ADD COLUMN limited boolean DEFAULT false NOT NULL;

ALTER TABLE leases ADD COLUMN limited boolean DEFAULT false NOT NULL;

-- Each end of an execution looks for timers of its own.
CREATE INDEX idx_timers_execution ON timers (execution_id);

CREATE INDEX idx_queue_limited ON queue (user_id) WHERE limited;

CREATE INDEX idx_leases_limited ON leases (user_id) WHERE limited;

CREATE TABLE concurrency_limits (
    id uuid NOT NULL,
    user_id uuid NOT NULL,
    graph_id uuid,
    per_key boolean DEFAULT false NOT NULL,
    most integer NOT NULL,
    created_at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT pk_concurrency_limits PRIMARY KEY (id),
    CONSTRAINT uq_concurrency_limits_user_id_graph_id_per_key UNIQUE NULLS NOT DISTINCT (user_id, graph_id, per_key),
    CONSTRAINT ck_concurrency_limits_most CHECK (most >= 1),
    CONSTRAINT fk_concurrency_limits_user_id FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT fk_concurrency_limits_graph_id FOREIGN KEY (graph_id) REFERENCES graphs (id) ON DELETE CASCADE
);

CREATE INDEX idx_concurrency_limits_graph_id ON concurrency_limits (graph_id) WHERE graph_id IS NOT NULL;

CREATE TABLE held (
    execution_id uuid NOT NULL,
    user_id uuid NOT NULL,
    graph_id uuid NOT NULL,
    key text NOT NULL,
    priority smallint NOT NULL,
    place bigint NOT NULL,
    CONSTRAINT pk_held PRIMARY KEY (execution_id)
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000, autovacuum_vacuum_cost_delay = 0);

CREATE INDEX idx_held_line ON held (user_id, priority DESC, place, execution_id);

CREATE INDEX idx_held_lane ON held (user_id, graph_id, key, priority DESC, place, execution_id);

CREATE TABLE start_keys (
    user_id uuid NOT NULL,
    request_key text NOT NULL,
    request_hash bytea NOT NULL,
    execution_id uuid NOT NULL,
    created_at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT pk_start_keys PRIMARY KEY (user_id, request_key),
    CONSTRAINT fk_start_keys_user_id FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
);

CREATE INDEX idx_start_keys_created_at ON start_keys (created_at);

-- Functions. Those without their owner's rights are called by those that have them.
--
-- Whoever gives out a limited user's places holds that user's lock, which is always the last kind of lock in a transaction:
-- who has it waits for further users' locks, in order of user id, and for nothing else. So it makes no circle.

CREATE FUNCTION lock_places(owner uuid) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended(owner::text, 4));
END $$;

CREATE FUNCTION is_limited(owner uuid, graph uuid, lane text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    RETURN EXISTS (SELECT FROM concurrency_limits c WHERE c.user_id = owner
        AND (c.graph_id IS NULL OR c.graph_id = graph) AND (NOT c.per_key OR lane <> ''));
END $$;

-- The limit that leaves no place to an execution of this graph and key; null when there is a place. A place is taken by what
-- stands in the queue and by what runs.
CREATE FUNCTION full_limit(owner uuid, graph uuid, lane text) RETURNS uuid LANGUAGE plpgsql AS $$
BEGIN
    RETURN (SELECT c.id FROM concurrency_limits c
        WHERE c.user_id = owner AND (c.graph_id IS NULL OR c.graph_id = graph) AND (NOT c.per_key OR lane <> '')
            AND c.most <= (SELECT count(*) FROM (
                    SELECT execution_id FROM queue WHERE user_id = owner AND limited
                    UNION ALL SELECT execution_id FROM leases WHERE user_id = owner AND limited) taken
                JOIN executions e ON e.id = taken.execution_id
                WHERE (c.graph_id IS NULL OR e.graph_id = c.graph_id) AND (NOT c.per_key OR e.key = lane))
        ORDER BY c.most, c.id LIMIT 1);
END $$;

-- The fair place in the line: behind the user's own last execution, never before the head of the line; or the head itself,
-- for what goes on. What is more urgent takes the place of the user's first that is less so, and those move back by one: other
-- users do not notice. At most a thousand move; of more, the last one moved goes to the end.
CREATE FUNCTION join_queue(execution uuid, owner uuid, urgency smallint, behind bigint, in_limit boolean) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    head bigint;
    last_rank bigint;
    last_priority smallint;
    new_rank bigint;
    first_rank bigint;
BEGIN
    SELECT rank INTO head FROM queue ORDER BY rank LIMIT 1;
    IF urgency >= 2 THEN
        INSERT INTO queue (rank, execution_id, user_id, priority, limited)
        VALUES (coalesce(head, 0) + behind, execution, owner, urgency, in_limit);
        RETURN;
    END IF;
    FOR attempt IN 1..2 LOOP
        SELECT rank, priority INTO last_rank, last_priority FROM queue WHERE user_id = owner ORDER BY rank DESC LIMIT 1;
        new_rank := greatest(last_rank, head - 1, 0) + 1;
        IF last_priority = 2 THEN
            SELECT priority INTO last_priority FROM queue WHERE user_id = owner AND priority < 2 ORDER BY rank DESC LIMIT 1;
        END IF;
        EXIT WHEN last_priority IS NULL OR last_priority >= urgency OR attempt = 2;
        PERFORM lock_places(owner);  -- two that are urgent move the same ones: one after the other
    END LOOP;
    IF last_priority < urgency THEN
        WITH lower AS (
            SELECT rank, execution_id FROM queue WHERE user_id = owner AND priority < urgency
            ORDER BY rank, execution_id LIMIT 1000 FOR UPDATE SKIP LOCKED),
        moved AS (
            SELECT rank, execution_id, lead(rank, 1, new_rank) OVER (ORDER BY rank, execution_id) AS new_rank FROM lower),
        done AS (
            UPDATE queue q SET rank = m.new_rank FROM moved m WHERE q.rank = m.rank AND q.execution_id = m.execution_id)
        SELECT min(rank) INTO first_rank FROM lower;
    END IF;
    INSERT INTO queue (rank, execution_id, user_id, priority, limited)
    VALUES (coalesce(first_rank, new_rank), execution, owner, urgency, in_limit);
END $$;

DROP FUNCTION enqueue_execution(uuid, uuid, boolean);

-- The one way into the queue. It looks at all users' rows, which the role of the API may not, hence its owner's rights.
-- A transaction that does more afterwards says so by `weft.admit_later`, and admits at its end.
CREATE FUNCTION enqueue_execution(execution uuid, owner uuid, at_head boolean, behind bigint DEFAULT 0) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    graph uuid;
    lane text;
    urgency smallint;
    in_limit boolean := false;
BEGIN
    IF current_setting('role') = 'weft_api' AND owner IS DISTINCT FROM current_app_user() THEN
        RETURN;
    END IF;
    SELECT e.graph_id, coalesce(e.key, ''), CASE WHEN at_head THEN 2 ELSE e.priority END INTO graph, lane, urgency
    FROM executions e WHERE e.id = execution;
    IF EXISTS (SELECT FROM concurrency_limits c WHERE c.user_id = owner) THEN
        in_limit := is_limited(owner, graph, lane);
    END IF;
    IF in_limit THEN
        IF current_setting('weft.admit_later', true) = 'on' THEN
            PERFORM hold_execution(execution, owner, graph, lane, urgency, behind);
            RETURN;
        END IF;
        PERFORM lock_places(owner);
        IF full_limit(owner, graph, lane) IS NOT NULL THEN
            PERFORM hold_execution(execution, owner, graph, lane, urgency, behind);
            RETURN;
        END IF;
    END IF;
    PERFORM join_queue(execution, owner, coalesce(urgency, 0::smallint), behind, in_limit);
END $$;

CREATE FUNCTION hold_execution(execution uuid, owner uuid, graph uuid, lane text, urgency smallint, behind bigint)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO held (execution_id, user_id, graph_id, key, priority, place)
    SELECT execution, owner, graph, lane, urgency, behind + 1 + coalesce((SELECT h.place FROM held h
        WHERE h.user_id = owner AND h.priority = urgency ORDER BY h.place DESC LIMIT 1), 0)
    ON CONFLICT DO NOTHING;
END $$;

-- The first held execution of a user that has a place, locked; null when there is none. Executions of one graph and key have
-- places together, so only the first of each such lane is looked at: of the lanes in the first 50 places of the line, and if none
-- of these has one, of 200 lanes.
CREATE FUNCTION next_held(owner uuid) RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE
    candidates refcursor;
    candidate record;
BEGIN
    IF full_limit(owner, NULL, '') IS NOT NULL THEN
        RETURN NULL;
    END IF;
    FOR step IN 1..2 LOOP
        IF step = 1 THEN
            OPEN candidates FOR SELECT * FROM (
                SELECT DISTINCT ON (front.graph_id, front.key) front.* FROM (
                    SELECT h.* FROM held h WHERE h.user_id = owner ORDER BY h.priority DESC, h.place, h.execution_id LIMIT 50) front
                ORDER BY front.graph_id, front.key, front.priority DESC, front.place, front.execution_id) heads
            ORDER BY heads.priority DESC, heads.place, heads.execution_id;
        ELSE
            OPEN candidates FOR WITH RECURSIVE lanes AS (
                (SELECT h.graph_id, h.key, 1 AS n FROM held h WHERE h.user_id = owner ORDER BY h.graph_id, h.key LIMIT 1)
                UNION ALL
                SELECT further.graph_id, further.key, lanes.n + 1 FROM lanes, LATERAL (
                    SELECT h.graph_id, h.key FROM held h
                    WHERE h.user_id = owner AND (h.graph_id, h.key) > (lanes.graph_id, lanes.key)
                    ORDER BY h.graph_id, h.key LIMIT 1) further
                WHERE lanes.n < 200)
            SELECT head.* FROM lanes, LATERAL (
                SELECT h.* FROM held h WHERE h.user_id = owner AND h.graph_id = lanes.graph_id AND h.key = lanes.key
                ORDER BY h.priority DESC, h.place, h.execution_id LIMIT 1) head
            ORDER BY head.priority DESC, head.place, head.execution_id;
        END IF;
        LOOP
            FETCH candidates INTO candidate;
            EXIT WHEN NOT FOUND;
            IF full_limit(owner, candidate.graph_id, candidate.key) IS NULL THEN
                PERFORM FROM held h WHERE h.execution_id = candidate.execution_id FOR UPDATE SKIP LOCKED;
                IF FOUND THEN
                    CLOSE candidates;
                    RETURN candidate.execution_id;
                END IF;
            END IF;
        END LOOP;
        CLOSE candidates;
    END LOOP;
    RETURN NULL;
END $$;

-- Give the free places of these users to what is held back of theirs, and return to how many. The role of the API does so for
-- its own user only.
CREATE FUNCTION admit_held(owners uuid[]) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    owner uuid;
    next uuid;
    chosen record;
    admitted integer := 0;
BEGIN
    IF current_setting('role') = 'weft_api' THEN
        owners := ARRAY[current_app_user()];
    END IF;
    FOR owner IN SELECT DISTINCT o FROM unnest(owners) o ORDER BY o LOOP
        PERFORM lock_places(owner);
    END LOOP;
    FOR owner IN SELECT DISTINCT o FROM unnest(owners) o ORDER BY o LOOP
        LOOP
            EXIT WHEN NOT EXISTS (SELECT FROM held h WHERE h.user_id = owner);
            next := next_held(owner);
            EXIT WHEN next IS NULL;
            DELETE FROM held h WHERE h.execution_id = next RETURNING * INTO chosen;
            PERFORM join_queue(chosen.execution_id, owner, chosen.priority, 0, is_limited(owner, chosen.graph_id, chosen.key));
            admitted := admitted + 1;
        END LOOP;
    END LOOP;
    RETURN admitted;
END $$;

-- Whoever lets go of a lease lets the next one in, in the same transaction. A takeover and a hand-over have put what they
-- took back in line before this runs.
CREATE FUNCTION pass_places_on() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    owners uuid[];
BEGIN
    SELECT array_agg(user_id) INTO owners FROM gone WHERE limited;
    IF owners IS NOT NULL AND coalesce(current_setting('weft.admit_later', true), '') <> 'on' THEN
        PERFORM admit_held(owners);
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER pass_places_on AFTER DELETE ON leases REFERENCING OLD TABLE AS gone
FOR EACH STATEMENT EXECUTE FUNCTION pass_places_on();

-- A limit holds at once: for what runs, which counts from now on, and for what stands in the queue, which is held back as far
-- as there is no place for it. Claims under way end first; leases are locked in the order in which a flush locks them.
CREATE FUNCTION apply_limits() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    owner uuid := coalesce(NEW.user_id, OLD.user_id);
BEGIN
    WITH waiting AS (
        DELETE FROM queue q USING executions e WHERE q.user_id = owner AND e.id = q.execution_id
            AND (q.limited OR is_limited(owner, e.graph_id, coalesce(e.key, '')))
        RETURNING q.execution_id, q.rank, q.priority, e.graph_id, coalesce(e.key, '') AS lane)
    INSERT INTO held (execution_id, user_id, graph_id, key, priority, place)
    SELECT execution_id, owner, graph_id, lane, priority, before + rank - max(rank) OVER ()
    FROM waiting, (SELECT coalesce(min(h.place), 1) - 1 AS before FROM held h WHERE h.user_id = owner) line
    ON CONFLICT DO NOTHING;
    PERFORM FROM leases WHERE user_id = owner ORDER BY execution_id FOR NO KEY UPDATE;
    UPDATE leases l SET limited = is_limited(owner, e.graph_id, coalesce(e.key, ''))
    FROM executions e WHERE l.user_id = owner AND e.id = l.execution_id;
    PERFORM admit_held(ARRAY[owner]);
    RETURN NULL;
END $$;

CREATE TRIGGER apply_limits AFTER INSERT OR UPDATE OR DELETE ON concurrency_limits
FOR EACH ROW EXECUTE FUNCTION apply_limits();

-- Where executions stand that no worker has taken yet: how many stand before one in the queue, counted to a thousand; or
-- what holds it back, and nothing in its columns when that is about to let it go.
CREATE FUNCTION places_of(wanted uuid[])
RETURNS TABLE (execution uuid, is_held boolean, ahead bigint, graph uuid, per_key boolean, most integer)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    RETURN QUERY
    SELECT q.execution_id, false, (SELECT count(*) FROM (SELECT FROM queue b
            WHERE (b.rank, b.execution_id) < (q.rank, q.execution_id) LIMIT 1000) before), NULL::uuid, NULL::boolean, NULL::integer
    FROM queue q WHERE q.execution_id = ANY (wanted)
        AND (current_setting('role') <> 'weft_api' OR q.user_id = current_app_user())
    UNION ALL
    SELECT h.execution_id, true, NULL, c.graph_id, c.per_key, c.most
    FROM held h LEFT JOIN concurrency_limits c ON c.id = full_limit(h.user_id, h.graph_id, h.key)
    WHERE h.execution_id = ANY (wanted) AND (current_setting('role') <> 'weft_api' OR h.user_id = current_app_user());
END $$;

-- Whether so many executions of all users wait for a worker or are held back. A row takes 76 bytes at least: while the tables
-- are smaller than that many rows would be, nothing is counted.
CREATE FUNCTION is_queue_full(most bigint) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    IF pg_relation_size('queue') + pg_relation_size('held') < most * 76 THEN
        RETURN false;
    END IF;
    RETURN most <= (SELECT count(*) FROM (SELECT FROM queue UNION ALL SELECT FROM held LIMIT most) waiting);
END $$;

GRANT SELECT, INSERT, UPDATE (most), DELETE ON concurrency_limits TO weft_api;

GRANT SELECT ON concurrency_limits TO weft_worker;

GRANT SELECT, DELETE ON held TO weft_api, weft_worker;

GRANT SELECT, INSERT ON start_keys TO weft_api;

GRANT SELECT, DELETE ON start_keys TO weft_worker;

REVOKE EXECUTE ON FUNCTION enqueue_execution, admit_held, places_of, is_queue_full, apply_limits, pass_places_on, lock_places,
    is_limited, full_limit, join_queue, hold_execution, next_held FROM PUBLIC;

GRANT EXECUTE ON FUNCTION enqueue_execution, admit_held, places_of, is_queue_full TO weft_api, weft_worker;
