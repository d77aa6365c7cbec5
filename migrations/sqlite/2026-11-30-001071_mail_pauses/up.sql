-- A domain that takes no mail for now, or the mail server as a whole (domain ''), rests for a while, and a restart knows it. The row stays
-- until a mail is taken again, so that the next rest is longer.
CREATE TABLE mail_pauses (
    domain TEXT PRIMARY KEY NOT NULL,
    -- how often in a row
    times BIGINT NOT NULL CHECK (times > 0),
    began_at TIMESTAMP NOT NULL,
    ends_at TIMESTAMP NOT NULL,
    words TEXT NOT NULL,
    CHECK (ends_at > began_at)
);
