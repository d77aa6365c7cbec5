-- Whose form a token was once given to, so that what somebody typed before being signed out finds its way back to them.
CREATE TABLE past_sessions (
    csrf_token TEXT PRIMARY KEY NOT NULL,
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    seen_at TIMESTAMP NOT NULL
);
CREATE INDEX past_sessions_by_age ON past_sessions (seen_at);
CREATE INDEX sessions_by_form_token ON sessions (csrf_token);
CREATE TRIGGER sessions_leave_their_form_token AFTER DELETE ON sessions
BEGIN INSERT OR IGNORE INTO past_sessions (csrf_token, account_id, seen_at) VALUES (OLD.csrf_token, OLD.account_id, OLD.seen_at); END;

-- Forms that arrived after their session had ended, for the account of that session alone.
CREATE TABLE parked_forms (
    id INTEGER PRIMARY KEY NOT NULL,
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    -- the page on which the form stands, and the address it is sent to
    page TEXT NOT NULL,
    path TEXT NOT NULL,
    -- names and values, in order, as JSON
    fields TEXT NOT NULL,
    parked_at TIMESTAMP NOT NULL,
    shown_at TIMESTAMP
);
CREATE INDEX parked_forms_of_account ON parked_forms (account_id, id);
CREATE INDEX parked_forms_by_age ON parked_forms (parked_at);

-- The report that a form has become, so that the same form sent twice makes one report.
CREATE TABLE form_keys (
    holder_id BIGINT NOT NULL REFERENCES accounts (id),
    form_key TEXT NOT NULL,
    activity_id BIGINT NOT NULL REFERENCES activities (id),
    -- the version that this form wrote last
    version BIGINT NOT NULL,
    used_at TIMESTAMP NOT NULL,
    PRIMARY KEY (holder_id, form_key)
);
CREATE INDEX form_keys_by_age ON form_keys (used_at);
CREATE INDEX form_keys_of_activity ON form_keys (activity_id);
