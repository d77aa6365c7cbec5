-- The four tables again, with the same rows.
CREATE TABLE reminders (
    certificate_id BIGINT NOT NULL,
    year BIGINT NOT NULL,
    deadline DATE NOT NULL,
    stage BIGINT NOT NULL CHECK (stage > 0),
    outcome TEXT NOT NULL CHECK (outcome IN ('sent', 'superseded', 'met', 'covered')),
    approved BIGINT NOT NULL,
    pending BIGINT NOT NULL,
    required BIGINT NOT NULL,
    evaluated_on DATE NOT NULL,
    evaluated_at TIMESTAMP NOT NULL,
    mail_id BIGINT REFERENCES mails (id),
    PRIMARY KEY (certificate_id, year, deadline, stage),
    CHECK ((outcome = 'sent') = (mail_id IS NOT NULL)),
    FOREIGN KEY (certificate_id, year) REFERENCES certification_years (certificate_id, number)
);
INSERT INTO reminders
SELECT certificate_id, year, deadline, stage, outcome, approved, pending, required, day, at, mail_id
FROM notices_about_years WHERE kind = 'reminder-stage' ORDER BY id;
CREATE INDEX reminders_of_mail ON reminders (mail_id) WHERE mail_id IS NOT NULL;
CREATE TRIGGER reminders_are_never_updated BEFORE UPDATE ON reminders
BEGIN SELECT RAISE(ABORT, 'reminders are append-only'); END;
CREATE TRIGGER reminders_are_never_deleted BEFORE DELETE ON reminders
BEGIN SELECT RAISE(ABORT, 'reminders are append-only'); END;

CREATE TABLE minimums_reached (
    certificate_id BIGINT NOT NULL,
    year BIGINT NOT NULL,
    mail_id BIGINT NOT NULL REFERENCES mails (id),
    reached_at TIMESTAMP NOT NULL,
    PRIMARY KEY (certificate_id, year),
    FOREIGN KEY (certificate_id, year) REFERENCES certification_years (certificate_id, number)
);
INSERT INTO minimums_reached
SELECT certificate_id, year, mail_id, at FROM notices_about_years WHERE kind = 'minimum-reached' ORDER BY id;
CREATE INDEX minimums_reached_of_mail ON minimums_reached (mail_id);

CREATE TABLE friendly_reminders (
    certificate_id BIGINT NOT NULL,
    year BIGINT NOT NULL,
    sent_on DATE NOT NULL,
    holder_id BIGINT NOT NULL REFERENCES accounts (id),
    mail_id BIGINT NOT NULL REFERENCES mails (id),
    sent_by BIGINT NOT NULL REFERENCES accounts (id),
    sent_at TIMESTAMP NOT NULL,
    PRIMARY KEY (certificate_id, year, sent_on),
    FOREIGN KEY (certificate_id, year) REFERENCES certification_years (certificate_id, number)
);
INSERT INTO friendly_reminders
SELECT certificate_id, year, day, holder_id, mail_id, sent_by, at
FROM notices_about_years WHERE kind = 'friendly-reminder' ORDER BY id;
CREATE INDEX friendly_reminders_of_holder ON friendly_reminders (holder_id, sent_on);
CREATE TRIGGER friendly_reminders_are_never_updated BEFORE UPDATE ON friendly_reminders
BEGIN SELECT RAISE(ABORT, 'friendly reminders are append-only'); END;
CREATE TRIGGER friendly_reminders_are_never_deleted BEFORE DELETE ON friendly_reminders
BEGIN SELECT RAISE(ABORT, 'friendly reminders are append-only'); END;

CREATE TABLE year_notices (
    certificate_id BIGINT NOT NULL,
    year BIGINT NOT NULL,
    mail_id BIGINT NOT NULL REFERENCES mails (id),
    PRIMARY KEY (certificate_id, year, mail_id),
    FOREIGN KEY (certificate_id, year) REFERENCES certification_years (certificate_id, number)
);
INSERT INTO year_notices
SELECT certificate_id, year, mail_id FROM notices_about_years WHERE kind = 'mail' ORDER BY id;
CREATE INDEX year_notices_of_mail ON year_notices (mail_id);
CREATE TRIGGER year_notices_are_never_updated BEFORE UPDATE ON year_notices
BEGIN SELECT RAISE(ABORT, 'year notices are append-only'); END;
CREATE TRIGGER year_notices_are_never_deleted BEFORE DELETE ON year_notices
BEGIN SELECT RAISE(ABORT, 'year notices are append-only'); END;
DROP TABLE notices_about_years;
