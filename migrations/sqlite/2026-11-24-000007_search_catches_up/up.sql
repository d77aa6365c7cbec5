-- A report is reported; that its title can be searched is kept by a job a moment later, for many of them at once.
DROP TRIGGER report_search_knows_new_reports;
DROP TRIGGER report_search_knows_changed_reports;
-- The last activity that the job has looked at: one row.
CREATE TABLE report_search_reach (
    id INTEGER PRIMARY KEY NOT NULL CHECK (id = 1),
    last_activity BIGINT NOT NULL
);
INSERT INTO report_search_reach (id, last_activity) SELECT 1, COALESCE(MAX(id), 0) FROM activities;
CREATE TRIGGER report_search_knows_changed_reports AFTER UPDATE OF title, reported_at ON activities
WHEN NEW.reported_at IS NOT NULL AND (OLD.reported_at IS NULL OR OLD.title <> NEW.title)
    AND NEW.id <= (SELECT last_activity FROM report_search_reach)
BEGIN
    DELETE FROM report_search WHERE rowid = NEW.id;
    INSERT INTO report_search (rowid, title) VALUES (NEW.id, NEW.title);
END;
