-- A rejection has prepared words of its own: a return asks for something, a rejection says what the holder can still do. What stands in
-- prepared_words is for returns.
CREATE TABLE prepared_rejections (
    reason_code TEXT PRIMARY KEY NOT NULL CHECK (reason_code IN (
        'not_relevant', 'regular_job', 'no_evidence', 'cannot_open', 'wrong_quantity', 'duplicate', 'wrong_date', 'other')),
    words TEXT NOT NULL CHECK (words <> ''),
    changed_by BIGINT NOT NULL REFERENCES accounts (id),
    changed_at TIMESTAMP NOT NULL
);
