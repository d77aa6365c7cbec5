-- An import keeps version 1 of each report, too, and a command that imports is nobody: changed_by may be NULL. SQLite cannot take a NOT
-- NULL away, so the table is made anew with the same rows. Reports of earlier imports stay without a first version: what they said then
-- is not known for each of them any more.
CREATE TABLE activity_versions_before AS SELECT * FROM activity_versions;
DROP TABLE activity_versions;
CREATE TABLE activity_versions (
    activity_id BIGINT NOT NULL REFERENCES activities (id),
    version BIGINT NOT NULL,
    -- NULL for the first version of a report that a command imported
    changed_by BIGINT REFERENCES accounts (id),
    changed_at TIMESTAMP NOT NULL,
    facts TEXT NOT NULL,
    PRIMARY KEY (activity_id, version),
    CHECK (changed_by IS NOT NULL OR version = 1)
);
INSERT INTO activity_versions SELECT * FROM activity_versions_before ORDER BY rowid;
DROP TABLE activity_versions_before;
CREATE TRIGGER activity_versions_are_never_updated BEFORE UPDATE ON activity_versions
BEGIN SELECT RAISE(ABORT, 'versions are append-only'); END;
CREATE TRIGGER activity_versions_are_never_deleted BEFORE DELETE ON activity_versions
BEGIN SELECT RAISE(ABORT, 'versions are append-only'); END;
