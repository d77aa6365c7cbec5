-- Which certification years a mail was about. Reminders, friendly letters and confirmed minimums know their mails themselves.
CREATE TABLE year_notices (
    certificate_id BIGINT NOT NULL,
    year BIGINT NOT NULL,
    mail_id BIGINT NOT NULL REFERENCES mails (id),
    PRIMARY KEY (certificate_id, year, mail_id),
    FOREIGN KEY (certificate_id, year) REFERENCES certification_years (certificate_id, number)
);
CREATE INDEX year_notices_of_mail ON year_notices (mail_id);
CREATE INDEX reminders_of_mail ON reminders (mail_id) WHERE mail_id IS NOT NULL;
-- Flags that stand already: their mail is the holder's latest of that kind, written when the flag was recorded.
INSERT INTO year_notices (certificate_id, year, mail_id)
    SELECT y.certificate_id, y.number, MAX(m.id)
    FROM certification_years y
    JOIN certificates c ON c.id = y.certificate_id
    JOIN mails m ON m.account_id = c.holder_id AND m.kind = 'flagged'
    WHERE y.flagged_on IS NOT NULL AND ABS(julianday(m.created_at) - julianday(y.flagged_on)) < 2
    GROUP BY y.certificate_id, y.number;
CREATE TRIGGER year_notices_are_never_updated BEFORE UPDATE ON year_notices
BEGIN SELECT RAISE(ABORT, 'year notices are append-only'); END;
CREATE TRIGGER year_notices_are_never_deleted BEFORE DELETE ON year_notices
BEGIN SELECT RAISE(ABORT, 'year notices are append-only'); END;

-- Mails that came back, as staff noted them; open until somebody has looked after the address.
CREATE TABLE bounces (
    id INTEGER PRIMARY KEY NOT NULL,
    mail_id BIGINT NOT NULL REFERENCES mails (id),
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    address TEXT NOT NULL CHECK (address <> ''),
    words TEXT NOT NULL DEFAULT '',
    noted_by BIGINT NOT NULL REFERENCES accounts (id),
    noted_at TIMESTAMP NOT NULL,
    -- its recipient says that the address is right
    confirmed_at TIMESTAMP,
    resolved_at TIMESTAMP,
    resolution TEXT CHECK (resolution IN ('sent_again', 'address_changed', 'put_away')),
    CHECK ((resolved_at IS NULL) = (resolution IS NULL))
);
CREATE UNIQUE INDEX bounces_one_open ON bounces (mail_id) WHERE resolved_at IS NULL;
CREATE INDEX bounces_of_mail ON bounces (mail_id);
CREATE INDEX bounces_open_of_account ON bounces (account_id) WHERE resolved_at IS NULL;
CREATE TRIGGER bounces_are_never_deleted BEFORE DELETE ON bounces
BEGIN SELECT RAISE(ABORT, 'bounces are never deleted'); END;
