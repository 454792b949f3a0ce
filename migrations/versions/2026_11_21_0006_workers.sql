-- What is known of a worker. Statements are separated by blank lines. docs/design/processes.md says what the columns are for.

ALTER TABLE workers
    ADD COLUMN role text DEFAULT 'program' NOT NULL,
    ADD COLUMN name text,
    ADD COLUMN host text,
    ADD COLUMN pid integer,
    ADD COLUMN slots integer,
    ADD COLUMN started_at timestamptz DEFAULT now() NOT NULL,
    ADD COLUMN draining boolean DEFAULT false NOT NULL,
    ADD CONSTRAINT ck_workers_role CHECK (role IN ('worker', 'scheduler', 'program')),
    ADD CONSTRAINT ck_workers_slots CHECK (slots >= 0);
