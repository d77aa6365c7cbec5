-- Whether what staff wrote last asks its holder for an answer. It says nothing while it is the body's turn; what was written before this
-- column asked, as every page has said since.
ALTER TABLE conversations ADD COLUMN needs_answer BOOLEAN NOT NULL DEFAULT 1 CHECK (needs_answer IN (0, 1));
