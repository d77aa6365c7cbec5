-- Advice: what a holder and the body write to each other, about one matter. What it is about is fixed when it begins; whose turn it is,
-- who looks after it and whether it is closed change.
CREATE TABLE conversations (
    id INTEGER PRIMARY KEY NOT NULL,
    holder_id BIGINT NOT NULL REFERENCES accounts (id),
    kind TEXT NOT NULL CHECK (kind IN ('question', 'flag_answer', 'appeal', 'would_count')),
    subject TEXT NOT NULL CHECK (subject <> ''),
    activity_id BIGINT REFERENCES activities (id),
    certificate_id BIGINT REFERENCES certificates (id),
    year BIGINT,
    -- the decertification that an appeal is against
    decision_id BIGINT REFERENCES decisions (id),
    owner_id BIGINT REFERENCES accounts (id),
    turn TEXT NOT NULL CHECK (turn IN ('body', 'holder')),
    turn_since TIMESTAMP NOT NULL,
    begun_at TIMESTAMP NOT NULL,
    begun_by BIGINT NOT NULL REFERENCES accounts (id),
    closed_at TIMESTAMP,
    version BIGINT NOT NULL DEFAULT 1,
    CHECK (year IS NULL OR certificate_id IS NOT NULL),
    CHECK ((kind = 'appeal') = (decision_id IS NOT NULL)),
    CHECK (kind <> 'appeal' OR certificate_id IS NOT NULL),
    CHECK (kind <> 'flag_answer' OR year IS NOT NULL),
    FOREIGN KEY (certificate_id, year) REFERENCES certification_years (certificate_id, number)
);
CREATE INDEX conversations_of_holder ON conversations (holder_id, id);
CREATE INDEX conversations_about_activity ON conversations (activity_id) WHERE activity_id IS NOT NULL;
CREATE INDEX conversations_about_certificate ON conversations (certificate_id) WHERE certificate_id IS NOT NULL;
CREATE INDEX conversations_waiting ON conversations (turn, turn_since, id) WHERE closed_at IS NULL;
CREATE INDEX conversations_of_owner ON conversations (owner_id, turn_since, id) WHERE closed_at IS NULL;
CREATE INDEX conversations_closed ON conversations (closed_at, id) WHERE closed_at IS NOT NULL;
CREATE UNIQUE INDEX conversations_one_appeal_at_a_time ON conversations (certificate_id) WHERE kind = 'appeal' AND closed_at IS NULL;
CREATE TRIGGER conversations_keep_their_matter BEFORE UPDATE ON conversations
WHEN OLD.holder_id IS NOT NEW.holder_id OR OLD.kind IS NOT NEW.kind OR OLD.activity_id IS NOT NEW.activity_id
    OR OLD.certificate_id IS NOT NEW.certificate_id OR OLD.year IS NOT NEW.year OR OLD.decision_id IS NOT NEW.decision_id
    OR OLD.begun_at IS NOT NEW.begun_at OR OLD.begun_by IS NOT NEW.begun_by
BEGIN SELECT RAISE(ABORT, 'a conversation keeps its matter'); END;
CREATE TRIGGER conversations_are_never_deleted BEFORE DELETE ON conversations
BEGIN SELECT RAISE(ABORT, 'conversations are never deleted'); END;

-- What was written. Append-only.
CREATE TABLE messages (
    id INTEGER PRIMARY KEY NOT NULL,
    conversation_id BIGINT NOT NULL REFERENCES conversations (id),
    author_id BIGINT NOT NULL REFERENCES accounts (id),
    -- whether the author wrote for the body, and not as the holder
    from_body BOOLEAN NOT NULL,
    words TEXT NOT NULL CHECK (words <> ''),
    written_at TIMESTAMP NOT NULL
);
CREATE INDEX messages_of_conversation ON messages (conversation_id, id);
CREATE TRIGGER messages_are_never_updated BEFORE UPDATE ON messages
BEGIN SELECT RAISE(ABORT, 'messages are append-only'); END;
CREATE TRIGGER messages_are_never_deleted BEFORE DELETE ON messages
BEGIN SELECT RAISE(ABORT, 'messages are append-only'); END;

-- How an appeal ended: once, dated, with a reason and a person.
CREATE TABLE appeal_outcomes (
    conversation_id BIGINT PRIMARY KEY NOT NULL REFERENCES conversations (id),
    outcome TEXT NOT NULL CHECK (outcome IN ('upheld', 'reinstated', 'withdrawn')),
    reason TEXT NOT NULL CHECK (reason <> ''),
    decided_by BIGINT NOT NULL REFERENCES accounts (id),
    decided_on DATE NOT NULL,
    decided_at TIMESTAMP NOT NULL
);
CREATE TRIGGER appeal_outcomes_are_never_updated BEFORE UPDATE ON appeal_outcomes
BEGIN SELECT RAISE(ABORT, 'outcomes are append-only'); END;
CREATE TRIGGER appeal_outcomes_are_never_deleted BEFORE DELETE ON appeal_outcomes
BEGIN SELECT RAISE(ABORT, 'outcomes are append-only'); END;

-- Answers that staff give again and again.
CREATE TABLE canned_answers (
    id INTEGER PRIMARY KEY NOT NULL,
    title TEXT NOT NULL CHECK (title <> ''),
    words TEXT NOT NULL CHECK (words <> ''),
    version BIGINT NOT NULL DEFAULT 1
);
INSERT INTO canned_answers (id, title, words) VALUES
    (1, 'How to report an activity', 'You can report an activity in the portal: open Activities, then “Report an activity”. Give what it was, when it was and how long it took; the portal works out the credits. A file such as a certificate of attendance helps us to decide quickly, but you can also add it later.'),
    (2, 'Asking for more time', 'Thank you for telling us. An administrator can move your deadline. Please write what keeps you from collecting the credits, and by which day you expect to have them.'),
    (3, 'Waiting for review', 'What you reported in time is never held against you because we have not looked at it yet. You need not do anything until we have answered.');
