-- A form that has made something, so that the same form sent twice makes one: by its token, its path and everything that was typed.
CREATE TABLE sent_forms (
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    form_key TEXT NOT NULL,
    -- where the first one led; not known while it is under way
    leads_to TEXT,
    used_at TIMESTAMP NOT NULL,
    PRIMARY KEY (account_id, form_key)
);
CREATE INDEX sent_forms_by_age ON sent_forms (used_at);
