-- After a restore no mail leaves until an administrator has said what becomes of those that wait. One row for each restore.
CREATE TABLE mail_holds (
    id INTEGER PRIMARY KEY NOT NULL,
    backup_made_at TIMESTAMP NOT NULL,
    held_at TIMESTAMP NOT NULL,
    -- the last mail that the backup brought: it may have been sent since the backup was made
    last_mail BIGINT NOT NULL,
    ended_at TIMESTAMP,
    ended_by BIGINT REFERENCES accounts (id),
    discarded BIGINT CHECK (discarded >= 0),
    CHECK ((ended_at IS NULL) = (ended_by IS NULL)),
    CHECK ((ended_at IS NULL) = (discarded IS NULL))
);
CREATE UNIQUE INDEX mail_holds_one_open ON mail_holds (ended_at IS NULL) WHERE ended_at IS NULL;
CREATE TRIGGER mail_holds_are_never_deleted BEFORE DELETE ON mail_holds
BEGIN SELECT RAISE(ABORT, 'mail holds are never deleted'); END;
-- Mails that a person decided not to send: they count as failed, and last_error says why.
CREATE TABLE discarded_mails (
    mail_id BIGINT PRIMARY KEY NOT NULL REFERENCES mails (id),
    discarded_at TIMESTAMP NOT NULL
);
