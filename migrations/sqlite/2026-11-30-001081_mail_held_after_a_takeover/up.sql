-- Mail is held not only after a restore: also when the database came from a copy that does not know what was sent last.
ALTER TABLE mail_holds ADD COLUMN cause TEXT NOT NULL DEFAULT 'restore' CHECK (cause IN ('restore', 'takeover'));
