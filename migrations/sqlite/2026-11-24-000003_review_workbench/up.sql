-- Who reads which report now, so that two people do not read the same. A claim ends by itself.
CREATE TABLE review_claims (
    activity_id BIGINT PRIMARY KEY NOT NULL REFERENCES activities (id),
    reviewer_id BIGINT NOT NULL REFERENCES accounts (id),
    claimed_at TIMESTAMP NOT NULL,
    ends_at TIMESTAMP NOT NULL CHECK (ends_at > claimed_at)
);
CREATE INDEX review_claims_by_end ON review_claims (ends_at);

-- The words that the form offers for a reason, where staff have changed them.
CREATE TABLE prepared_words (
    reason_code TEXT PRIMARY KEY NOT NULL CHECK (reason_code IN (
        'not_relevant', 'regular_job', 'no_evidence', 'cannot_open', 'wrong_quantity', 'duplicate', 'wrong_date', 'other')),
    words TEXT NOT NULL CHECK (words <> ''),
    changed_by BIGINT NOT NULL REFERENCES accounts (id),
    changed_at TIMESTAMP NOT NULL
);

-- reports of the same event are looked for among those that wait, by the day
CREATE INDEX activities_waiting_by_day ON activities (completed_on) WHERE queue_key IS NOT NULL;
