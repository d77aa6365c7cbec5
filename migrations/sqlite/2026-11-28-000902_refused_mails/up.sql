-- A mail that the server refuses because of its address comes back, too: nobody has to note that.
CREATE TABLE bounces_anew (
    id INTEGER PRIMARY KEY NOT NULL,
    mail_id BIGINT NOT NULL REFERENCES mails (id),
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    address TEXT NOT NULL CHECK (address <> ''),
    words TEXT NOT NULL DEFAULT '',
    -- none: the mail server refused it
    noted_by BIGINT REFERENCES accounts (id),
    noted_at TIMESTAMP NOT NULL,
    -- its recipient says that the address is right
    confirmed_at TIMESTAMP,
    resolved_at TIMESTAMP,
    resolution TEXT CHECK (resolution IN ('sent_again', 'address_changed', 'put_away')),
    CHECK ((resolved_at IS NULL) = (resolution IS NULL))
);
INSERT INTO bounces_anew (id, mail_id, account_id, address, words, noted_by, noted_at, confirmed_at, resolved_at, resolution) SELECT id, mail_id, account_id, address, words, noted_by, noted_at, confirmed_at, resolved_at, resolution FROM bounces;
DROP TRIGGER bounces_are_never_deleted;
DROP TABLE bounces;
ALTER TABLE bounces_anew RENAME TO bounces;
CREATE UNIQUE INDEX bounces_one_open ON bounces (mail_id) WHERE resolved_at IS NULL;
CREATE INDEX bounces_of_mail ON bounces (mail_id);
CREATE INDEX bounces_open_of_account ON bounces (account_id) WHERE resolved_at IS NULL;
CREATE TRIGGER bounces_are_never_deleted BEFORE DELETE ON bounces
BEGIN SELECT RAISE(ABORT, 'bounces are never deleted'); END;
