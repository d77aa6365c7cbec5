-- What holders were told about certification years stands in one table instead of four: reminder stages that were decided about, years
-- that reached their minimum, friendly reminders, and which years any other mail was about. Append-only; only the mail about a minimum
-- can be taken back while it has not left.
CREATE TABLE notices_about_years (
    id INTEGER PRIMARY KEY NOT NULL,
    certificate_id BIGINT NOT NULL,
    year BIGINT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('reminder-stage', 'minimum-reached', 'friendly-reminder', 'mail')),
    -- a reminder stage, and the figures of the moment in which it was decided about
    deadline DATE,
    stage BIGINT CHECK (stage > 0),
    outcome TEXT CHECK (outcome IN ('sent', 'superseded', 'met', 'covered')),
    approved BIGINT,
    pending BIGINT,
    required BIGINT,
    -- the day in the body's time zone; of a mail about a year and of a minimum none, the mail says when
    day DATE,
    -- none for a mail about a year
    at TIMESTAMP,
    -- none for a stage of which no mail was due
    mail_id BIGINT REFERENCES mails (id),
    -- a friendly reminder: to whom, by whom
    holder_id BIGINT REFERENCES accounts (id),
    sent_by BIGINT REFERENCES accounts (id),
    CHECK ((kind = 'reminder-stage') = (stage IS NOT NULL)),
    CHECK ((stage IS NOT NULL) = (deadline IS NOT NULL) AND (stage IS NOT NULL) = (outcome IS NOT NULL)),
    CHECK ((stage IS NOT NULL) = (approved IS NOT NULL) AND (stage IS NOT NULL) = (pending IS NOT NULL)
        AND (stage IS NOT NULL) = (required IS NOT NULL)),
    CHECK ((kind IN ('reminder-stage', 'friendly-reminder')) = (day IS NOT NULL)),
    CHECK ((kind <> 'mail') = (at IS NOT NULL)),
    CHECK ((kind <> 'reminder-stage' OR outcome = 'sent') = (mail_id IS NOT NULL)),
    CHECK ((kind = 'friendly-reminder') = (holder_id IS NOT NULL) AND (holder_id IS NOT NULL) = (sent_by IS NOT NULL)),
    FOREIGN KEY (certificate_id, year) REFERENCES certification_years (certificate_id, number)
);
INSERT INTO notices_about_years (
    certificate_id, year, kind, deadline, stage, outcome, approved, pending, required, day, at, mail_id)
SELECT certificate_id, year, 'reminder-stage', deadline, stage, outcome, approved, pending, required, evaluated_on, evaluated_at, mail_id
FROM reminders ORDER BY evaluated_at, certificate_id, year, deadline, stage DESC;
INSERT INTO notices_about_years (certificate_id, year, kind, at, mail_id)
SELECT certificate_id, year, 'minimum-reached', reached_at, mail_id
FROM minimums_reached ORDER BY reached_at, certificate_id, year;
INSERT INTO notices_about_years (certificate_id, year, kind, day, at, mail_id, holder_id, sent_by)
SELECT certificate_id, year, 'friendly-reminder', sent_on, sent_at, mail_id, holder_id, sent_by
FROM friendly_reminders ORDER BY sent_at, certificate_id, year;
INSERT INTO notices_about_years (certificate_id, year, kind, mail_id)
SELECT certificate_id, year, 'mail', mail_id
FROM year_notices ORDER BY mail_id, certificate_id, year;
DROP TABLE reminders;
DROP TABLE minimums_reached;
DROP TABLE friendly_reminders;
DROP TABLE year_notices;

-- each stage of a deadline once, a minimum once for each year, a friendly reminder once a day, a mail once for each year
CREATE UNIQUE INDEX notices_about_years_stages ON notices_about_years (certificate_id, year, deadline, stage) WHERE stage IS NOT NULL;
CREATE UNIQUE INDEX notices_about_years_minimums ON notices_about_years (certificate_id, year) WHERE kind = 'minimum-reached';
CREATE UNIQUE INDEX notices_about_years_friendly ON notices_about_years (certificate_id, year, day) WHERE kind = 'friendly-reminder';
CREATE UNIQUE INDEX notices_about_years_mails ON notices_about_years (certificate_id, year, mail_id) WHERE kind = 'mail';
CREATE INDEX notices_about_years_of_year ON notices_about_years (certificate_id, year);
CREATE INDEX notices_about_years_of_mail ON notices_about_years (mail_id) WHERE mail_id IS NOT NULL;
CREATE INDEX notices_about_years_of_holder ON notices_about_years (holder_id, day) WHERE holder_id IS NOT NULL;
CREATE TRIGGER notices_about_years_are_never_updated BEFORE UPDATE ON notices_about_years
BEGIN SELECT RAISE(ABORT, 'notices about years are append-only'); END;
CREATE TRIGGER notices_about_years_are_never_deleted BEFORE DELETE ON notices_about_years WHEN OLD.kind <> 'minimum-reached'
BEGIN SELECT RAISE(ABORT, 'notices about years are append-only'); END;
