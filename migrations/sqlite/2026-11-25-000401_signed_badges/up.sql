-- The signed text of each badge, served as it is. Its place in a status list is drawn once and never used again.
CREATE TABLE signed_badges (
    badge_id TEXT PRIMARY KEY NOT NULL REFERENCES badges (id),
    list_number BIGINT NOT NULL CHECK (list_number > 0),
    list_position BIGINT NOT NULL CHECK (list_position BETWEEN 0 AND 131071),
    document TEXT NOT NULL,
    -- the whole address of the key, issuer included: a badge of another origin is not in order either
    signed_with TEXT NOT NULL,
    signed_at TIMESTAMP NOT NULL,
    -- what it says has changed since: it is signed anew by the next run
    outdated BOOLEAN NOT NULL DEFAULT FALSE,
    -- counts signatures, so that a long run never puts an older text in the place of a newer one
    version BIGINT NOT NULL DEFAULT 1,
    UNIQUE (list_number, list_position)
);
CREATE INDEX signed_badges_outdated ON signed_badges (badge_id) WHERE outdated;
CREATE INDEX badges_revoked ON badges (id) WHERE revoked_on IS NOT NULL;
CREATE TRIGGER signed_badges_keep_their_place BEFORE UPDATE OF list_number, list_position ON signed_badges
WHEN OLD.list_number <> NEW.list_number OR OLD.list_position <> NEW.list_position
BEGIN SELECT RAISE(ABORT, 'a badge keeps its place in the status list'); END;
CREATE TRIGGER signed_badges_are_never_deleted BEFORE DELETE ON signed_badges
BEGIN SELECT RAISE(ABORT, 'signed badges are never deleted'); END;
-- Each status list as it was signed last.
CREATE TABLE status_lists (
    number BIGINT PRIMARY KEY NOT NULL CHECK (number > 0),
    document TEXT NOT NULL,
    signed_with TEXT NOT NULL,
    signed_at TIMESTAMP NOT NULL
);
-- Holders who asked for the Open Badges 2.0 copy of a certificate's badge; it carries a salted hash of their address.
CREATE TABLE badge_sharing (
    certificate_id BIGINT PRIMARY KEY NOT NULL REFERENCES certificates (id),
    salt TEXT NOT NULL,
    asked_at TIMESTAMP NOT NULL
);
