-- Full-text search. The indexes keep no text of their own; the triggers keep them true. Another database would bring its own kind of
-- index here, and store/search.rs its own question.
CREATE VIRTUAL TABLE holder_search USING fts5(
    words, content='', contentless_delete=1, detail=none, tokenize='unicode61 remove_diacritics 2'
);
INSERT INTO holder_search (rowid, words)
    SELECT a.id, a.name_fold || ' ' || a.email_norm || ' ' || COALESCE((
        SELECT group_concat(c.number, ' ') FROM certificates c WHERE c.holder_id = a.id), '')
    FROM accounts a;
CREATE TRIGGER holder_search_knows_new_accounts AFTER INSERT ON accounts
BEGIN
    INSERT INTO holder_search (rowid, words) VALUES (NEW.id, NEW.name_fold || ' ' || NEW.email_norm);
END;
CREATE TRIGGER holder_search_knows_changed_accounts AFTER UPDATE OF name_fold, email_norm ON accounts
BEGIN
    DELETE FROM holder_search WHERE rowid = NEW.id;
    INSERT INTO holder_search (rowid, words) VALUES (NEW.id, NEW.name_fold || ' ' || NEW.email_norm || ' ' || COALESCE((
        SELECT group_concat(c.number, ' ') FROM certificates c WHERE c.holder_id = NEW.id), ''));
END;
CREATE TRIGGER holder_search_knows_new_certificates AFTER INSERT ON certificates
BEGIN
    DELETE FROM holder_search WHERE rowid = NEW.holder_id;
    INSERT INTO holder_search (rowid, words)
        SELECT a.id, a.name_fold || ' ' || a.email_norm || ' ' || (
            SELECT group_concat(c.number, ' ') FROM certificates c WHERE c.holder_id = a.id)
        FROM accounts a WHERE a.id = NEW.holder_id;
END;

-- Titles of reports. Drafts are the holder's own affair and are not in it.
CREATE VIRTUAL TABLE report_search USING fts5(
    title, content='', contentless_delete=1, detail=none, tokenize='unicode61 remove_diacritics 2'
);
INSERT INTO report_search (rowid, title) SELECT id, title FROM activities WHERE reported_at IS NOT NULL;
CREATE TRIGGER report_search_knows_new_reports AFTER INSERT ON activities WHEN NEW.reported_at IS NOT NULL
BEGIN
    INSERT INTO report_search (rowid, title) VALUES (NEW.id, NEW.title);
END;
CREATE TRIGGER report_search_knows_changed_reports AFTER UPDATE OF title, reported_at ON activities
WHEN NEW.reported_at IS NOT NULL AND (OLD.reported_at IS NULL OR OLD.title <> NEW.title)
BEGIN
    DELETE FROM report_search WHERE rowid = NEW.id;
    INSERT INTO report_search (rowid, title) VALUES (NEW.id, NEW.title);
END;

-- Friendly letters about credits that are missing, sent by a person: at most one for a year in seven days; the action sees to that, and
-- the key to one a day.
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
CREATE INDEX friendly_reminders_of_holder ON friendly_reminders (holder_id, sent_on);
CREATE TRIGGER friendly_reminders_are_never_updated BEFORE UPDATE ON friendly_reminders
BEGIN SELECT RAISE(ABORT, 'friendly reminders are append-only'); END;
CREATE TRIGGER friendly_reminders_are_never_deleted BEFORE DELETE ON friendly_reminders
BEGIN SELECT RAISE(ABORT, 'friendly reminders are append-only'); END;

-- Figures of charts that would take too long to count while somebody waits; counted anew every night.
CREATE TABLE kept_figures (
    chart TEXT NOT NULL CHECK (chart IN ('deadlines', 'outcomes')),
    place TEXT NOT NULL,
    series TEXT NOT NULL,
    amount BIGINT NOT NULL CHECK (amount >= 0),
    counted_on DATE NOT NULL,
    PRIMARY KEY (chart, place, series)
);
