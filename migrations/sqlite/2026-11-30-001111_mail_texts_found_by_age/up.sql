-- Texts of mails that have ended are removed after a while. Those that still have one are found by when they ended; a mail leaves the index
-- with its text, so that what is old does not make the search longer.
CREATE INDEX mails_with_text ON mails (updated_at, id) WHERE state IN ('sent', 'failed') AND body_text <> '';
