-- What each check of the whole data found.
CREATE TABLE data_checks (
    id INTEGER PRIMARY KEY NOT NULL,
    started_at TIMESTAMP NOT NULL,
    finished_at TIMESTAMP NOT NULL,
    invariants BIGINT NOT NULL CHECK (invariants > 0),
    broken BIGINT NOT NULL CHECK (broken BETWEEN 0 AND invariants)
);
-- What breaks an invariant; the first few of each.
CREATE TABLE data_check_findings (
    check_id BIGINT NOT NULL REFERENCES data_checks (id) ON DELETE CASCADE,
    place BIGINT NOT NULL,
    invariant TEXT NOT NULL CHECK (invariant <> ''),
    found TEXT NOT NULL,
    PRIMARY KEY (check_id, place)
);
-- The check reads the evidence hash by hash.
CREATE INDEX evidence_by_hash ON evidence (sha256, bytes) WHERE removed_at IS NULL;
