-- People who can sign in. A holder is an account with certificates.
CREATE TABLE accounts (
    id INTEGER PRIMARY KEY NOT NULL,
    email TEXT NOT NULL,
    email_norm TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL CHECK (name <> ''),
    name_fold TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('holder', 'reviewer', 'administrator')),
    password_hash TEXT,
    version BIGINT NOT NULL DEFAULT 1,
    created_at TIMESTAMP NOT NULL,
    deactivated_at TIMESTAMP
);
CREATE INDEX accounts_by_name ON accounts (name_fold, id);

-- Single-use links: invitations and password resets. Only the hash of the token is kept.
CREATE TABLE tokens (
    id INTEGER PRIMARY KEY NOT NULL,
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    purpose TEXT NOT NULL CHECK (purpose IN ('invitation', 'password_reset')),
    token_hash TEXT NOT NULL UNIQUE,
    created_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP NOT NULL,
    used_at TIMESTAMP
);
CREATE INDEX tokens_of_account ON tokens (account_id);

CREATE TABLE sessions (
    id INTEGER PRIMARY KEY NOT NULL,
    token_hash TEXT NOT NULL UNIQUE,
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    csrf_token TEXT NOT NULL,
    browser TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    seen_at TIMESTAMP NOT NULL
);
CREATE INDEX sessions_of_account ON sessions (account_id);

-- Failed sign-ins, by account and by network address, to slow guessing down. Keys are hashes.
CREATE TABLE sign_in_failures (
    key TEXT PRIMARY KEY NOT NULL,
    failures BIGINT NOT NULL CHECK (failures > 0),
    last_failed_at TIMESTAMP NOT NULL
);

-- Who did what to which thing, when. Append-only.
CREATE TABLE history (
    id INTEGER PRIMARY KEY NOT NULL,
    at TIMESTAMP NOT NULL,
    actor_id BIGINT REFERENCES accounts (id),
    event TEXT NOT NULL CHECK (event <> ''),
    holder_id BIGINT REFERENCES accounts (id),
    certificate_id BIGINT,
    activity_id BIGINT,
    detail TEXT NOT NULL DEFAULT ''
);
CREATE INDEX history_of_holder ON history (holder_id, id) WHERE holder_id IS NOT NULL;
CREATE INDEX history_of_activity ON history (activity_id, id) WHERE activity_id IS NOT NULL;
CREATE INDEX history_of_certificate ON history (certificate_id, id) WHERE certificate_id IS NOT NULL;
CREATE TRIGGER history_is_never_updated BEFORE UPDATE ON history
BEGIN SELECT RAISE(ABORT, 'history is append-only'); END;
CREATE TRIGGER history_is_never_deleted BEFORE DELETE ON history
BEGIN SELECT RAISE(ABORT, 'history is append-only'); END;
