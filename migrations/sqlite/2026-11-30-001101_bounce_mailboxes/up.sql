-- How far each mailbox is read to which mails come back. The number of its last message that was read is written together with what the
-- message said, so that a portal that dies reads none twice.
CREATE TABLE bounce_mailboxes (
    -- whose mailbox, where, which folder; no password
    mailbox TEXT PRIMARY KEY NOT NULL CHECK (mailbox <> ''),
    -- of the mail server: another one means that its numbers begin anew; 0 before the first reading
    uid_validity BIGINT NOT NULL DEFAULT 0 CHECK (uid_validity >= 0),
    last_uid BIGINT NOT NULL DEFAULT 0 CHECK (last_uid >= 0),
    -- a report that is done with, and that the mail server was perhaps not told yet to mark as read
    to_mark BIGINT,
    -- when it was last read to its end
    read_at TIMESTAMP,
    -- since when it cannot be read; why stands with the runs of the job
    failing_since TIMESTAMP,
    -- the message at which reading ended too early, and how often in a row
    hindering_uid BIGINT,
    hindered BIGINT NOT NULL DEFAULT 0 CHECK (hindered >= 0)
);
