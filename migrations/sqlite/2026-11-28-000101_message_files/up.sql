-- Files that a holder sent with a message: proofs like those of a report, in the same folder. Append-only.
CREATE TABLE message_files (
    evidence_id BIGINT PRIMARY KEY NOT NULL REFERENCES evidence (id),
    message_id BIGINT NOT NULL REFERENCES messages (id)
);
CREATE INDEX message_files_of_message ON message_files (message_id);
CREATE TRIGGER message_files_stay_with_their_holder BEFORE INSERT ON message_files
WHEN NOT EXISTS (
    SELECT 1 FROM evidence e
    JOIN messages m ON m.id = NEW.message_id
    JOIN conversations c ON c.id = m.conversation_id
    WHERE e.id = NEW.evidence_id AND e.holder_id = c.holder_id AND e.activity_id IS NULL)
BEGIN SELECT RAISE(ABORT, 'a file is sent by the holder of its conversation'); END;
CREATE TRIGGER message_files_are_never_updated BEFORE UPDATE ON message_files
BEGIN SELECT RAISE(ABORT, 'files of messages are append-only'); END;
CREATE TRIGGER message_files_are_never_deleted BEFORE DELETE ON message_files
BEGIN SELECT RAISE(ABORT, 'files of messages are append-only'); END;
