-- What staff note for each other about a holder, one of their reports or a conversation with them. No page of holders and no mail shows it.
-- Append-only; the words can be taken out again, and then the row says only that there were some.
CREATE TABLE staff_notes (
    id INTEGER PRIMARY KEY NOT NULL,
    holder_id BIGINT NOT NULL REFERENCES accounts (id),
    activity_id BIGINT REFERENCES activities (id),
    conversation_id BIGINT REFERENCES conversations (id),
    author_id BIGINT NOT NULL REFERENCES accounts (id),
    words TEXT NOT NULL,
    written_at TIMESTAMP NOT NULL,
    removed_at TIMESTAMP,
    CHECK (activity_id IS NULL OR conversation_id IS NULL),
    CHECK (author_id <> holder_id),
    CHECK ((words = '') = (removed_at IS NOT NULL))
);
CREATE INDEX staff_notes_of_holder ON staff_notes (holder_id, id);
CREATE INDEX staff_notes_about_activity ON staff_notes (activity_id, id) WHERE activity_id IS NOT NULL;
CREATE INDEX staff_notes_about_conversation ON staff_notes (conversation_id, id) WHERE conversation_id IS NOT NULL;
CREATE TRIGGER staff_notes_are_only_emptied BEFORE UPDATE ON staff_notes
WHEN OLD.removed_at IS NOT NULL OR NEW.removed_at IS NULL OR OLD.id IS NOT NEW.id OR OLD.holder_id IS NOT NEW.holder_id
    OR OLD.activity_id IS NOT NEW.activity_id OR OLD.conversation_id IS NOT NEW.conversation_id
    OR OLD.author_id IS NOT NEW.author_id OR OLD.written_at IS NOT NEW.written_at
BEGIN SELECT RAISE(ABORT, 'staff notes are append-only'); END;
CREATE TRIGGER staff_notes_are_never_deleted BEFORE DELETE ON staff_notes
BEGIN SELECT RAISE(ABORT, 'staff notes are append-only'); END;
