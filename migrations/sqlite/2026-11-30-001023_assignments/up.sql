-- To whom a report that waits for review was given. It is over when the report is decided, returned or withdrawn; the history knows it then.
CREATE TABLE assignments (
    activity_id BIGINT PRIMARY KEY NOT NULL REFERENCES activities (id),
    assignee_id BIGINT NOT NULL REFERENCES accounts (id),
    assigned_by BIGINT NOT NULL REFERENCES accounts (id),
    -- what was said with it
    note_id BIGINT REFERENCES staff_notes (id),
    assigned_at TIMESTAMP NOT NULL
);
CREATE INDEX assignments_of_assignee ON assignments (assignee_id);
