-- "Would this count?": what a holder asks about before it happens. Facts as in a report; days and quantity may be open still.
CREATE TABLE questions (
    conversation_id BIGINT PRIMARY KEY NOT NULL REFERENCES conversations (id),
    category TEXT NOT NULL CHECK (category IN ('attending', 'reading', 'writing', 'teaching', 'course_material', 'unregistered')),
    title TEXT NOT NULL CHECK (title <> ''),
    organiser TEXT NOT NULL,
    field_id BIGINT NOT NULL REFERENCES fields (id),
    started_on DATE,
    completed_on DATE,
    quantity BIGINT CHECK (quantity > 0),
    relevance TEXT NOT NULL,
    CHECK (started_on IS NULL OR completed_on IS NULL OR started_on <= completed_on)
);
CREATE TRIGGER questions_are_never_updated BEFORE UPDATE ON questions
BEGIN SELECT RAISE(ABORT, 'questions are append-only'); END;
CREATE TRIGGER questions_are_never_deleted BEFORE DELETE ON questions
BEGIN SELECT RAISE(ABORT, 'questions are append-only'); END;

-- What staff answered. A later answer retires the one before. With public words it is a precedent that everybody can find.
CREATE TABLE answers (
    id INTEGER PRIMARY KEY NOT NULL,
    conversation_id BIGINT NOT NULL REFERENCES questions (conversation_id),
    verdict TEXT NOT NULL CHECK (verdict IN ('yes', 'conditions', 'no')),
    words TEXT NOT NULL,
    answered_by BIGINT NOT NULL REFERENCES accounts (id),
    answered_at TIMESTAMP NOT NULL,
    public_title TEXT CHECK (public_title <> ''),
    public_words TEXT CHECK (public_words <> ''),
    -- title, organiser and words without case and accents, for searching
    fold TEXT NOT NULL,
    retired_at TIMESTAMP,
    CHECK (verdict = 'yes' OR words <> ''),
    CHECK ((public_title IS NULL) = (public_words IS NULL))
);
CREATE UNIQUE INDEX answers_one_in_force ON answers (conversation_id) WHERE retired_at IS NULL;
CREATE INDEX answers_public ON answers (id) WHERE public_title IS NOT NULL AND retired_at IS NULL;
CREATE TRIGGER answers_are_only_retired BEFORE UPDATE ON answers
WHEN OLD.retired_at IS NOT NULL OR NEW.retired_at IS NULL OR OLD.verdict IS NOT NEW.verdict OR OLD.words IS NOT NEW.words
    OR OLD.public_title IS NOT NEW.public_title OR OLD.public_words IS NOT NEW.public_words
    OR OLD.conversation_id IS NOT NEW.conversation_id OR OLD.answered_by IS NOT NEW.answered_by
BEGIN SELECT RAISE(ABORT, 'answers are only retired'); END;
CREATE TRIGGER answers_are_never_deleted BEFORE DELETE ON answers
BEGIN SELECT RAISE(ABORT, 'answers are never deleted'); END;

-- The report about what was asked beforehand.
CREATE TABLE asked_reports (
    activity_id BIGINT PRIMARY KEY NOT NULL REFERENCES activities (id),
    conversation_id BIGINT NOT NULL REFERENCES questions (conversation_id)
);
CREATE INDEX asked_reports_of_question ON asked_reports (conversation_id);
