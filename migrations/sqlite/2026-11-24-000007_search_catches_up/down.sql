DROP TRIGGER report_search_knows_changed_reports;
INSERT INTO report_search (rowid, title)
    SELECT id, title FROM activities
    WHERE reported_at IS NOT NULL AND id > (SELECT last_activity FROM report_search_reach);
DROP TABLE report_search_reach;
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
