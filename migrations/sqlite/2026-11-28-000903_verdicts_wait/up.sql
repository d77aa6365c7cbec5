-- A verdict is told a little later, so that whoever gave it can take it back. A mail does not leave before this moment.
ALTER TABLE mails ADD COLUMN waits_until TIMESTAMP;
-- What the mail about verdicts says, so that it can be written anew while it waits.
CREATE TABLE verdicts_told (
    mail_id BIGINT NOT NULL REFERENCES mails (id),
    activity_id BIGINT NOT NULL REFERENCES activities (id),
    kind TEXT NOT NULL CHECK (kind IN ('approved', 'returned', 'rejected', 'question-taken-back', 'verdict-taken-back')),
    reason_code TEXT,
    reason TEXT NOT NULL DEFAULT '',
    -- of an approval: what it earns, and what was awarded when that is not what was reported
    credits BIGINT,
    awarded BIGINT,
    -- of a verdict that is taken back
    was_approved BOOLEAN NOT NULL DEFAULT 0 CHECK (was_approved IN (0, 1)),
    -- whether the holder was told something else about this report before
    told_before BOOLEAN NOT NULL DEFAULT 0 CHECK (told_before IN (0, 1)),
    PRIMARY KEY (mail_id, activity_id)
);
CREATE INDEX verdicts_told_of_activity ON verdicts_told (activity_id);
