-- When a holder last looked at the dashboard, so that it can say what has happened since. A visit ends when the dashboard has not been opened
-- for an hour; the first visit has nothing before it. One row a holder, written anew; nothing else depends on it.
CREATE TABLE visits (
    holder_id BIGINT PRIMARY KEY NOT NULL REFERENCES accounts (id),
    -- the end of the visit before this one
    since TIMESTAMP NOT NULL,
    -- when the dashboard was last opened, to some minutes
    seen_at TIMESTAMP NOT NULL
);
