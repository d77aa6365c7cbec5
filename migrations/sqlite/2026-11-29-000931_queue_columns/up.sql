-- Where a report stands in the review queue is said by columns, in the order in which they sort, and no longer by one text that packs
-- them. SQLite cannot drop a column that a CHECK names, so the table is made anew with the same rows; who points at them is asked again
-- at the end of the transaction.
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
    -- the queue is sorted by these two, then reported_at and id; none when it does not wait for review.
    -- 0: some year needs it for its minimum; 1: none does
    queue_rank BIGINT CHECK (queue_rank IN (0, 1)),
    -- the earliest deadline that it helps; 9999-12-31 when it helps none, so that it comes last. None until the place is worked out,
    -- within the transaction that lets it wait
    queue_deadline DATE,
    -- folded category, title, day and quantity: two imported rows that say the same are one
    import_key TEXT,
    version BIGINT NOT NULL DEFAULT 1,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    -- how long it has waited for staff: since its first submission, moved on by the time it was its holder's turn; since when that turn
    -- lasts; how many seconds earlier ones took
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
    CHECK ((queue_rank IS NOT NULL) = (status = 'submitted')),
    CHECK (queue_deadline IS NULL OR queue_rank IS NOT NULL)
);
INSERT INTO activities (
    id, holder_id, status, category, title, organiser, field_id, started_on, completed_on, quantity, awarded, publication,
    publication_fold, relevance, not_regular_job, reported_at, decided_at, queue_rank, queue_deadline, import_key, version,
    created_at, updated_at, waiting_since, returned_at, holders_turn
)
SELECT
    id, holder_id, status, category, title, organiser, field_id, started_on, completed_on, quantity, awarded, publication,
    publication_fold, relevance, not_regular_job, reported_at, decided_at,
    -- rank, deadline, when it was reported and the id, with strokes between them
    CASE WHEN queue_key LIKE '0|____-__-__|%' THEN 0 WHEN queue_key IS NOT NULL THEN 1 END,
    CASE WHEN queue_key LIKE '_|____-__-__|%' THEN SUBSTR(queue_key, 3, 10) END,
    import_key, version, created_at, updated_at, waiting_since, returned_at, holders_turn
FROM activities_before;
DROP TABLE activities_before;

CREATE INDEX activities_queue ON activities (queue_rank, queue_deadline, reported_at) WHERE queue_rank IS NOT NULL;
-- what waits for staff since when, and what waits for holders
CREATE INDEX activities_waiting ON activities (waiting_since) WHERE queue_rank IS NOT NULL;
CREATE INDEX activities_returned ON activities (returned_at) WHERE status = 'returned';
-- reports of the same event are looked for among those that wait, by the day
CREATE INDEX activities_waiting_by_day ON activities (completed_on) WHERE queue_rank IS NOT NULL;
CREATE INDEX activities_of_holder ON activities (holder_id, completed_on, id);
CREATE UNIQUE INDEX activities_imported_once ON activities (holder_id, import_key) WHERE import_key IS NOT NULL;
CREATE TRIGGER report_search_knows_changed_reports AFTER UPDATE OF title, reported_at ON activities
WHEN NEW.reported_at IS NOT NULL AND (OLD.reported_at IS NULL OR OLD.title <> NEW.title)
    AND NEW.id <= (SELECT last_activity FROM report_search_reach)
BEGIN
    DELETE FROM report_search WHERE rowid = NEW.id;
    INSERT INTO report_search (rowid, title) VALUES (NEW.id, NEW.title);
END;
