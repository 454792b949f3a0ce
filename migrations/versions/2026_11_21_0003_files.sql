-- Stored files. Statements are separated by blank lines. docs/design/files.md says why the tables are these.

CREATE TABLE files (
    id uuid NOT NULL,
    user_id uuid NOT NULL,
    sha256 bytea,
    size bigint NOT NULL,
    execution_id uuid,
    created_at timestamptz DEFAULT now() NOT NULL,
    touched_at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT pk_files PRIMARY KEY (id),
    CONSTRAINT uq_files_user_id_sha256 UNIQUE (user_id, sha256),
    CONSTRAINT ck_files_sha256 CHECK (octet_length(sha256) = 32),
    CONSTRAINT ck_files_size CHECK (size >= 0),
    CONSTRAINT fk_files_user_id FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
);

CREATE INDEX idx_files_unfinished ON files (touched_at) WHERE sha256 IS NULL;

CREATE INDEX idx_files_execution_id ON files (execution_id) WHERE execution_id IS NOT NULL;

CREATE TABLE file_pieces (
    file_id uuid NOT NULL,
    number integer NOT NULL,
    user_id uuid NOT NULL,
    bytes bytea NOT NULL,
    CONSTRAINT pk_file_pieces PRIMARY KEY (file_id, number),
    CONSTRAINT ck_file_pieces_bytes CHECK (octet_length(bytes) BETWEEN 1 AND 1048576),
    CONSTRAINT fk_file_pieces_file_id FOREIGN KEY (file_id) REFERENCES files (id) ON DELETE CASCADE
);

-- Files are mostly compressed already; trying it again would cost more than it saves.
ALTER TABLE file_pieces ALTER COLUMN bytes SET STORAGE EXTERNAL;

CREATE TABLE file_usage (
    user_id uuid NOT NULL,
    bytes bigint DEFAULT 0 NOT NULL,
    CONSTRAINT pk_file_usage PRIMARY KEY (user_id),
    CONSTRAINT fk_file_usage_user_id FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
) WITH (fillfactor = 50);

-- Whatever writes or removes a file counts its bytes, a cascade too. Nobody else may write the count, hence the owner's rights.
CREATE FUNCTION count_file_bytes() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO file_usage AS u (user_id, bytes) VALUES (NEW.user_id, NEW.size)
        ON CONFLICT (user_id) DO UPDATE SET bytes = u.bytes + excluded.bytes;
    ELSIF TG_OP = 'UPDATE' THEN
        UPDATE file_usage SET bytes = bytes + NEW.size - OLD.size WHERE user_id = NEW.user_id;
    ELSE
        UPDATE file_usage SET bytes = bytes - OLD.size WHERE user_id = OLD.user_id;
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER count_file_bytes AFTER INSERT OR DELETE OR UPDATE OF size ON files
FOR EACH ROW EXECUTE FUNCTION count_file_bytes();

REVOKE EXECUTE ON FUNCTION count_file_bytes FROM PUBLIC;

-- What a file holds never changes: a piece is written once.
GRANT SELECT, INSERT, UPDATE (size, sha256, touched_at), DELETE ON files TO weft_api, weft_worker;

GRANT SELECT, INSERT ON file_pieces TO weft_api, weft_worker;

GRANT SELECT ON file_usage TO weft_api, weft_worker;
