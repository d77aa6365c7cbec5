-- Which delivery reports were read about which mail. One report can arrive in two ways (a pipe and a mailbox), or be read again (a mailbox
-- whose numbers begin anew): the second time it must not count against a mail that was sent again meanwhile.
CREATE TABLE delivery_reports (
    mail_id BIGINT NOT NULL REFERENCES mails (id),
    -- the report's own Message-ID; of one without it, its instant and words
    report TEXT NOT NULL CHECK (report <> ''),
    read_at TIMESTAMP NOT NULL,
    PRIMARY KEY (mail_id, report)
);
