-- Whether mails to holders leave. They are held from the first day of a portal until somebody says that it goes live, and whenever
-- somebody says so. One row for each time that they were held.
CREATE TABLE holder_mail_holds (
    id INTEGER PRIMARY KEY NOT NULL,
    -- none: since the portal began
    held_at TIMESTAMP,
    -- none: it began with the portal, or by a command
    held_by BIGINT REFERENCES accounts (id),
    ended_at TIMESTAMP,
    ended_by BIGINT REFERENCES accounts (id),
    discarded BIGINT CHECK (discarded >= 0),
    CHECK ((ended_at IS NULL) = (discarded IS NULL)),
    CHECK (ended_by IS NULL OR ended_at IS NOT NULL)
);
CREATE UNIQUE INDEX holder_mail_holds_one_open ON holder_mail_holds (ended_at IS NULL) WHERE ended_at IS NULL;
CREATE TRIGGER holder_mail_holds_are_never_deleted BEFORE DELETE ON holder_mail_holds
BEGIN SELECT RAISE(ABORT, 'mail holds are never deleted'); END;

-- When somebody was invited last; none: never.
ALTER TABLE accounts ADD COLUMN invited_at TIMESTAMP;
UPDATE accounts SET invited_at = told.at
FROM (SELECT holder_id, MAX(at) AS at FROM history WHERE event = 'invitation made' GROUP BY holder_id) AS told
WHERE told.holder_id = accounts.id;

-- Whether a mail waits while mails to holders are held, and whether it waits until its recipient is invited.
ALTER TABLE mails ADD COLUMN to_holder BOOLEAN NOT NULL DEFAULT 0 CHECK (to_holder IN (0, 1));
ALTER TABLE mails ADD COLUMN uninvited BOOLEAN NOT NULL DEFAULT 0 CHECK (uninvited IN (0, 1) AND uninvited <= to_holder);
UPDATE mails SET to_holder = 1
WHERE kind NOT IN ('invitation', 'password-reset', 'test')
    AND account_id IN (SELECT id FROM accounts WHERE role = 'holder');
UPDATE mails SET uninvited = 1
WHERE to_holder = 1 AND state = 'pending'
    AND account_id IN (SELECT id FROM accounts WHERE password_hash IS NULL AND invited_at IS NULL);
CREATE INDEX mails_leaving ON mails (next_attempt_at, id) WHERE state = 'pending' AND uninvited = 0;
CREATE INDEX mails_leaving_to_staff ON mails (next_attempt_at, id) WHERE state = 'pending' AND to_holder = 0;
CREATE INDEX mails_to_holders ON mails (kind, id) WHERE state = 'pending' AND to_holder = 1;
CREATE INDEX mails_uninvited ON mails (account_id, id) WHERE state = 'pending' AND uninvited = 1;

-- A portal that has written to its holders is live already; any other begins with its mails held.
INSERT INTO holder_mail_holds (held_at)
SELECT NULL
WHERE NOT EXISTS (
    SELECT 1 FROM mails m JOIN accounts a ON a.id = m.account_id WHERE m.state = 'sent' AND a.role = 'holder'
);
