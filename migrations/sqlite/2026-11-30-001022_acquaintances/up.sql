-- Who on staff said that they know which holder: as long as that is in force, they decide nothing about this holder. Never deleted: it ends.
CREATE TABLE acquaintances (
    id INTEGER PRIMARY KEY NOT NULL,
    reviewer_id BIGINT NOT NULL REFERENCES accounts (id),
    holder_id BIGINT NOT NULL REFERENCES accounts (id),
    reason TEXT NOT NULL,
    declared_at TIMESTAMP NOT NULL,
    ended_at TIMESTAMP,
    CHECK (reviewer_id <> holder_id)
);
-- said once at a time
CREATE UNIQUE INDEX acquaintances_in_force ON acquaintances (holder_id, reviewer_id) WHERE ended_at IS NULL;
CREATE INDEX acquaintances_of_reviewer ON acquaintances (reviewer_id, holder_id) WHERE ended_at IS NULL;
CREATE TRIGGER acquaintances_are_only_ended BEFORE UPDATE ON acquaintances
WHEN OLD.ended_at IS NOT NULL OR OLD.id IS NOT NEW.id OR OLD.reviewer_id IS NOT NEW.reviewer_id OR OLD.holder_id IS NOT NEW.holder_id
    OR OLD.reason IS NOT NEW.reason OR OLD.declared_at IS NOT NEW.declared_at
BEGIN SELECT RAISE(ABORT, 'acquaintances are append-only'); END;
CREATE TRIGGER acquaintances_are_never_deleted BEFORE DELETE ON acquaintances
BEGIN SELECT RAISE(ABORT, 'acquaintances are append-only'); END;
