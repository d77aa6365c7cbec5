-- A private address for each account from which a calendar reads dates. Only the hash of its token is kept.
CREATE TABLE calendar_feeds (
    account_id BIGINT PRIMARY KEY NOT NULL REFERENCES accounts (id),
    token_hash TEXT NOT NULL UNIQUE,
    made_at TIMESTAMP NOT NULL
);
-- When an administrator has put the set-up page away.
CREATE TABLE setup (
    id INTEGER PRIMARY KEY NOT NULL CHECK (id = 1),
    dismissed_by BIGINT NOT NULL REFERENCES accounts (id),
    dismissed_at TIMESTAMP NOT NULL
);
