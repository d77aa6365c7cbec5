-- CPE activities. A draft may have gaps; anything reported may not.
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
-- what waits for staff since when, and what waits for holders
CREATE INDEX activities_waiting ON activities (reported_at) WHERE queue_key IS NOT NULL;
CREATE INDEX activities_returned ON activities (updated_at) WHERE status = 'returned';
CREATE INDEX activities_of_holder ON activities (holder_id, completed_on, id);
CREATE UNIQUE INDEX activities_imported_once ON activities (holder_id, import_key) WHERE import_key IS NOT NULL;

-- What the holder told, version by version. Append-only.
CREATE TABLE activity_versions (
    activity_id BIGINT NOT NULL REFERENCES activities (id),
    version BIGINT NOT NULL,
    changed_by BIGINT NOT NULL REFERENCES accounts (id),
    changed_at TIMESTAMP NOT NULL,
    facts TEXT NOT NULL,
    PRIMARY KEY (activity_id, version)
);
CREATE TRIGGER activity_versions_are_never_updated BEFORE UPDATE ON activity_versions
BEGIN SELECT RAISE(ABORT, 'versions are append-only'); END;
CREATE TRIGGER activity_versions_are_never_deleted BEFORE DELETE ON activity_versions
BEGIN SELECT RAISE(ABORT, 'versions are append-only'); END;

-- Staff's verdicts. Append-only. reviewer_id is NULL for reports that an import brought in approved.
CREATE TABLE reviews (
    id INTEGER PRIMARY KEY NOT NULL,
    activity_id BIGINT NOT NULL REFERENCES activities (id),
    activity_version BIGINT NOT NULL,
    decision TEXT NOT NULL CHECK (decision IN ('approve', 'return', 'reject')),
    quantity BIGINT CHECK (quantity > 0),
    reason_code TEXT,
    reason TEXT NOT NULL,
    reviewer_id BIGINT REFERENCES accounts (id),
    reviewed_at TIMESTAMP NOT NULL,
    CHECK (decision = 'approve' OR reason_code IS NOT NULL),
    CHECK (decision = 'approve' OR reason <> ''),
    CHECK (quantity IS NULL OR (decision = 'approve' AND reason <> ''))
);
CREATE INDEX reviews_of_activity ON reviews (activity_id, id);
CREATE TRIGGER reviews_are_never_updated BEFORE UPDATE ON reviews
BEGIN SELECT RAISE(ABORT, 'reviews are append-only'); END;
CREATE TRIGGER reviews_are_never_deleted BEFORE DELETE ON reviews
BEGIN SELECT RAISE(ABORT, 'reviews are append-only'); END;

-- What settled years have counted of each report (G4); never changed afterwards.
CREATE TABLE year_counts (
    certificate_id BIGINT NOT NULL,
    year BIGINT NOT NULL,
    activity_id BIGINT NOT NULL REFERENCES activities (id),
    credits BIGINT NOT NULL CHECK (credits >= 0),
    PRIMARY KEY (certificate_id, year, activity_id),
    FOREIGN KEY (certificate_id, year) REFERENCES certification_years (certificate_id, number)
);
CREATE INDEX year_counts_of_activity ON year_counts (activity_id);
CREATE TRIGGER year_counts_are_never_updated BEFORE UPDATE ON year_counts
BEGIN SELECT RAISE(ABORT, 'what a settled year counted never changes'); END;
CREATE TRIGGER year_counts_are_never_deleted BEFORE DELETE ON year_counts
BEGIN SELECT RAISE(ABORT, 'what a settled year counted never changes'); END;

-- Proof files; the bytes lie in the evidence folder under their hash. activity_id is NULL while a form is being corrected.
CREATE TABLE evidence (
    id INTEGER PRIMARY KEY NOT NULL,
    holder_id BIGINT NOT NULL REFERENCES accounts (id),
    activity_id BIGINT REFERENCES activities (id),
    sha256 TEXT NOT NULL CHECK (length(sha256) = 64),
    name TEXT NOT NULL,
    media_type TEXT NOT NULL,
    bytes BIGINT NOT NULL CHECK (bytes > 0),
    added_at TIMESTAMP NOT NULL,
    removed_at TIMESTAMP
);
CREATE INDEX evidence_of_activity ON evidence (activity_id);
CREATE INDEX evidence_of_holder ON evidence (holder_id);
