-- The place in the queue is packed into one text again; the table is made anew with the same rows.
PRAGMA defer_foreign_keys=ON;
CREATE TABLE activities_before AS SELECT * FROM activities;
DROP TABLE activities;
CREATE TABLE activities (
    id INTEGER PRIMARY KEY NOT NULL,
    holder_id BIGINT NOT NULL REFERENCES accounts (id),
    status TEXT NOT NULL CHECK (status IN ('draft', 'submitted', 'returned', 'approved', 'rejected', 'withdrawn')),
    category TEXT CHECK (category IN ('attending', 'reading', 'writing', 'teaching', 'course_material', 'unregistered')),
    title TEXT NOT NULL,
    organiser TEXT NOT NULL,
    field_id BIGINT REFERENCES fields (id),
    started_on DATE,
    completed_on DATE,
    -- whole minutes, pages or A4 pages
    quantity BIGINT CHECK (quantity > 0),
    awarded BIGINT CHECK (awarded > 0),
    publication TEXT NOT NULL,
    publication_fold TEXT NOT NULL,
    relevance TEXT NOT NULL,
    not_regular_job BOOLEAN NOT NULL,
    reported_at TIMESTAMP,
    decided_at TIMESTAMP,
    -- where it stands in the review queue; NULL when it is not waiting for review
    queue_key TEXT UNIQUE,
    -- folded category, title, day and quantity: two imported rows that say the same are one
    import_key TEXT,
    version BIGINT NOT NULL DEFAULT 1,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    waiting_since TIMESTAMP,
    returned_at TIMESTAMP,
    holders_turn BIGINT NOT NULL DEFAULT 0,
    CHECK (
        reported_at IS NULL
        OR (category IS NOT NULL AND title <> '' AND field_id IS NOT NULL AND started_on IS NOT NULL
            AND completed_on IS NOT NULL AND quantity IS NOT NULL AND not_regular_job
            AND (category <> 'writing' OR publication_fold <> ''))
    ),
    CHECK (status IN ('draft', 'withdrawn') OR reported_at IS NOT NULL),
    CHECK (status <> 'draft' OR reported_at IS NULL),
    CHECK (started_on IS NULL OR completed_on IS NULL OR started_on <= completed_on),
    CHECK (status = 'approved' OR awarded IS NULL),
    CHECK ((queue_key IS NOT NULL) = (status = 'submitted'))
);
INSERT INTO activities (
    id, holder_id, status, category, title, organiser, field_id, started_on, completed_on, quantity, awarded, publication,
    publication_fold, relevance, not_regular_job, reported_at, decided_at, queue_key, import_key, version,
    created_at, updated_at, waiting_since, returned_at, holders_turn
)
SELECT
    id, holder_id, status, category, title, organiser, field_id, started_on, completed_on, quantity, awarded, publication,
    publication_fold, relevance, not_regular_job, reported_at, decided_at,
    CASE WHEN queue_rank IS NOT NULL THEN
        COALESCE(queue_rank || '|' || queue_deadline || '|' || strftime('%Y%m%d%H%M%S', reported_at) || '|' || printf('%012d', id),
            'new ' || id)
    END,
    import_key, version, created_at, updated_at, waiting_since, returned_at, holders_turn
FROM activities_before;
DROP TABLE activities_before;

-- what waits for staff since when, and what waits for holders
CREATE INDEX activities_waiting ON activities (waiting_since) WHERE queue_key IS NOT NULL;
CREATE INDEX activities_returned ON activities (returned_at) WHERE status = 'returned';
-- reports of the same event are looked for among those that wait, by the day
CREATE INDEX activities_waiting_by_day ON activities (completed_on) WHERE queue_key IS NOT NULL;
CREATE INDEX activities_of_holder ON activities (holder_id, completed_on, id);
CREATE UNIQUE INDEX activities_imported_once ON activities (holder_id, import_key) WHERE import_key IS NOT NULL;
CREATE TRIGGER report_search_knows_changed_reports AFTER UPDATE OF title, reported_at ON activities
WHEN NEW.reported_at IS NOT NULL AND (OLD.reported_at IS NULL OR OLD.title <> NEW.title)
    AND NEW.id <= (SELECT last_activity FROM report_search_reach)
BEGIN
    DELETE FROM report_search WHERE rowid = NEW.id;
    INSERT INTO report_search (rowid, title) VALUES (NEW.id, NEW.title);
END;
