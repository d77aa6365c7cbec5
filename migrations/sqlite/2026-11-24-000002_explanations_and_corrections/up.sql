-- What looked unlikely to the portal when a version of a report was sent, as the holder read it, and what the holder said to it.
CREATE TABLE remarks (
    activity_id BIGINT NOT NULL REFERENCES activities (id),
    version BIGINT NOT NULL,
    -- sentences, as JSON
    hints TEXT NOT NULL,
    explanation TEXT NOT NULL,
    PRIMARY KEY (activity_id, version)
);
CREATE TRIGGER remarks_are_never_updated BEFORE UPDATE ON remarks
BEGIN SELECT RAISE(ABORT, 'remarks are append-only'); END;
CREATE TRIGGER remarks_are_never_deleted BEFORE DELETE ON remarks
BEGIN SELECT RAISE(ABORT, 'remarks are append-only'); END;

-- What holders ask to have changed in a report that is decided, and the answer.
CREATE TABLE corrections (
    id INTEGER PRIMARY KEY NOT NULL,
    activity_id BIGINT NOT NULL REFERENCES activities (id),
    holder_id BIGINT NOT NULL REFERENCES accounts (id),
    -- the version that it would change, and what it should say instead, as in activity_versions
    activity_version BIGINT NOT NULL,
    facts TEXT NOT NULL,
    reason TEXT NOT NULL CHECK (reason <> ''),
    asked_at TIMESTAMP NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('asked', 'accepted', 'declined', 'taken_back')),
    answer TEXT NOT NULL DEFAULT '',
    answered_by BIGINT REFERENCES accounts (id),
    answered_at TIMESTAMP,
    CHECK ((state = 'asked') = (answered_at IS NULL)),
    CHECK ((state IN ('accepted', 'declined')) = (answered_by IS NOT NULL)),
    CHECK (state <> 'declined' OR answer <> '')
);
CREATE UNIQUE INDEX corrections_one_at_a_time ON corrections (activity_id) WHERE state = 'asked';
CREATE INDEX corrections_of_activity ON corrections (activity_id, id);
CREATE INDEX corrections_waiting ON corrections (asked_at, id) WHERE state = 'asked';
CREATE INDEX corrections_answered ON corrections (answered_at, id) WHERE state <> 'asked';
