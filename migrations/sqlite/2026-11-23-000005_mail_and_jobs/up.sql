-- The outbox: written with its cause, delivered in stages, so that a crash can neither lose a mail nor send it twice.
CREATE TABLE mails (
    id INTEGER PRIMARY KEY NOT NULL,
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    kind TEXT NOT NULL CHECK (kind <> ''),
    to_name TEXT NOT NULL,
    to_address TEXT NOT NULL,
    subject TEXT NOT NULL,
    body_text TEXT NOT NULL,
    body_html TEXT NOT NULL,
    message_id TEXT NOT NULL UNIQUE,
    state TEXT NOT NULL CHECK (state IN ('pending', 'claimed', 'committing', 'sent', 'uncertain', 'failed')),
    attempts BIGINT NOT NULL DEFAULT 0,
    next_attempt_at TIMESTAMP NOT NULL,
    claimed_by TEXT,
    last_error TEXT NOT NULL DEFAULT '',
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    sent_at TIMESTAMP
);
CREATE INDEX mails_due ON mails (next_attempt_at, id) WHERE state = 'pending';
CREATE INDEX mails_in_hand ON mails (state, id) WHERE state IN ('claimed', 'committing', 'uncertain', 'failed');
CREATE INDEX mails_of_account ON mails (account_id, id);

-- Every reminder stage that was evaluated, once, with the figures of that moment.
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
CREATE TRIGGER reminders_are_never_updated BEFORE UPDATE ON reminders
BEGIN SELECT RAISE(ABORT, 'reminders are append-only'); END;
CREATE TRIGGER reminders_are_never_deleted BEFORE DELETE ON reminders
BEGIN SELECT RAISE(ABORT, 'reminders are append-only'); END;

-- Reaching the minimum for a year by an approval is confirmed once.
CREATE TABLE minimums_reached (
    certificate_id BIGINT NOT NULL,
    year BIGINT NOT NULL,
    mail_id BIGINT NOT NULL REFERENCES mails (id),
    reached_at TIMESTAMP NOT NULL,
    PRIMARY KEY (certificate_id, year),
    FOREIGN KEY (certificate_id, year) REFERENCES certification_years (certificate_id, number)
);

-- Flags that the guard held back, until an administrator confirms them.
CREATE TABLE held_flags (
    certificate_id BIGINT NOT NULL,
    year BIGINT NOT NULL,
    deadline DATE NOT NULL,
    held_on DATE NOT NULL,
    confirmed_by BIGINT REFERENCES accounts (id),
    confirmed_at TIMESTAMP,
    PRIMARY KEY (certificate_id, year, deadline),
    FOREIGN KEY (certificate_id, year) REFERENCES certification_years (certificate_id, number),
    CHECK ((confirmed_by IS NULL) = (confirmed_at IS NULL))
);

-- The timetable's memory.
CREATE TABLE job_runs (
    id INTEGER PRIMARY KEY NOT NULL,
    job TEXT NOT NULL CHECK (job <> ''),
    started_at TIMESTAMP NOT NULL,
    finished_at TIMESTAMP,
    outcome TEXT NOT NULL CHECK (outcome IN ('running', 'done', 'failed')),
    report TEXT NOT NULL DEFAULT ''
);
CREATE INDEX job_runs_by_job ON job_runs (job, id);

CREATE TABLE leases (
    name TEXT PRIMARY KEY NOT NULL,
    owner TEXT NOT NULL,
    until TIMESTAMP NOT NULL
);
