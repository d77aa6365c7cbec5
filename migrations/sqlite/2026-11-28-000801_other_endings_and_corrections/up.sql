-- A certificate also ends by death, by its holder's wish, because it was granted by mistake, for misconduct, or because a higher one
-- replaces it; and what it says can be corrected. Such decisions are about the certificate, not about one of its years. SQLite cannot
-- change a CHECK, so the table is made anew with the same rows; who points at them is asked again at the end of the transaction.
PRAGMA defer_foreign_keys=ON;
CREATE TABLE decisions_before AS SELECT * FROM decisions;
DROP TABLE decisions;
CREATE TABLE decisions (
    id INTEGER PRIMARY KEY NOT NULL,
    certificate_id BIGINT NOT NULL REFERENCES certificates (id),
    -- the year it is about; none when it is about the certificate as a whole
    year BIGINT,
    kind TEXT NOT NULL CHECK (kind IN ('decertification', 'waiver', 'extension', 'reinstatement', 'ending', 'correction')),
    reason TEXT NOT NULL CHECK (reason <> ''),
    until DATE,
    decided_by BIGINT NOT NULL REFERENCES accounts (id),
    decided_on DATE NOT NULL,
    decided_at TIMESTAMP NOT NULL,
    CHECK ((kind = 'extension') = (until IS NOT NULL)),
    CHECK (kind IN ('reinstatement', 'ending', 'correction') OR year IS NOT NULL),
    FOREIGN KEY (certificate_id, year) REFERENCES certification_years (certificate_id, number)
);
INSERT INTO decisions SELECT * FROM decisions_before;
DROP TABLE decisions_before;
CREATE INDEX decisions_of_certificate ON decisions (certificate_id, id);
CREATE TRIGGER decisions_are_never_updated BEFORE UPDATE ON decisions
BEGIN SELECT RAISE(ABORT, 'decisions are append-only'); END;
CREATE TRIGGER decisions_are_never_deleted BEFORE DELETE ON decisions
BEGIN SELECT RAISE(ABORT, 'decisions are append-only'); END;

-- How a certificate ends otherwise than for missing credits, beside the decision that says so. Append-only.
CREATE TABLE endings (
    decision_id BIGINT PRIMARY KEY NOT NULL REFERENCES decisions (id),
    kind TEXT NOT NULL CHECK (kind IN ('death', 'wish', 'mistake', 'misconduct', 'replaced')),
    -- the higher certificate that takes its place
    replaced_by BIGINT REFERENCES certificates (id),
    CHECK ((kind = 'replaced') = (replaced_by IS NOT NULL))
);
CREATE TRIGGER endings_belong_to_their_decision BEFORE INSERT ON endings
WHEN NOT EXISTS (SELECT 1 FROM decisions d WHERE d.id = NEW.decision_id AND d.kind = 'ending')
BEGIN SELECT RAISE(ABORT, 'an ending belongs to a decision of that kind'); END;
CREATE TRIGGER endings_are_never_updated BEFORE UPDATE ON endings
BEGIN SELECT RAISE(ABORT, 'endings are append-only'); END;
CREATE TRIGGER endings_are_never_deleted BEFORE DELETE ON endings
BEGIN SELECT RAISE(ABORT, 'endings are append-only'); END;

-- What a certificate said before a correction, and what it says since. Append-only.
CREATE TABLE certificate_corrections (
    decision_id BIGINT PRIMARY KEY NOT NULL REFERENCES decisions (id),
    old_number TEXT NOT NULL CHECK (old_number <> ''),
    new_number TEXT NOT NULL CHECK (new_number <> ''),
    old_certification_id BIGINT NOT NULL REFERENCES certifications (id),
    new_certification_id BIGINT NOT NULL REFERENCES certifications (id),
    old_granted_on DATE NOT NULL,
    new_granted_on DATE NOT NULL,
    CHECK (old_number <> new_number OR old_certification_id <> new_certification_id OR old_granted_on <> new_granted_on)
);
CREATE TRIGGER certificate_corrections_are_never_updated BEFORE UPDATE ON certificate_corrections
BEGIN SELECT RAISE(ABORT, 'corrections of certificates are append-only'); END;
CREATE TRIGGER certificate_corrections_are_never_deleted BEFORE DELETE ON certificate_corrections
BEGIN SELECT RAISE(ABORT, 'corrections of certificates are append-only'); END;

-- Years from before the takeover follow from the day of the grant and nothing else: a correction of that day works them out anew. What
-- the portal settled itself never changes.
DROP TRIGGER settled_years_stay_settled;
CREATE TRIGGER settled_years_stay_settled BEFORE UPDATE ON certification_years
WHEN OLD.outcome IS NOT NULL AND NOT (
    OLD.certificate_id IS NEW.certificate_id AND OLD.number IS NEW.number
    AND OLD.starts_on IS NEW.starts_on AND OLD.ends_on IS NEW.ends_on AND OLD.deadline IS NEW.deadline
    AND OLD.settled_on IS NEW.settled_on
    AND OLD.approved IS NEW.approved AND OLD.required IS NEW.required AND OLD.carried IS NEW.carried
    AND (OLD.outcome IS NEW.outcome OR (OLD.outcome IN ('decertified', 'void') AND NEW.outcome IS 'waived'))
) AND NOT (OLD.outcome = 'void' AND NEW.outcome IS NULL)
AND NOT (
    OLD.outcome = 'before_takeover' AND (NEW.outcome IS NULL OR NEW.outcome = 'before_takeover')
    AND OLD.certificate_id IS NEW.certificate_id AND OLD.number IS NEW.number
    AND EXISTS (SELECT 1 FROM decisions d WHERE d.certificate_id = OLD.certificate_id AND d.kind = 'correction')
)
BEGIN SELECT RAISE(ABORT, 'a settled year never changes'); END;
DROP TRIGGER settled_years_are_never_deleted;
CREATE TRIGGER settled_years_are_never_deleted BEFORE DELETE ON certification_years
WHEN OLD.outcome IS NOT NULL AND NOT (
    OLD.outcome = 'before_takeover'
    AND EXISTS (SELECT 1 FROM decisions d WHERE d.certificate_id = OLD.certificate_id AND d.kind = 'correction')
)
BEGIN SELECT RAISE(ABORT, 'a settled year never changes'); END;

-- Closed accounts are few, and asked for by every run and every delivery.
CREATE INDEX accounts_closed ON accounts (id) WHERE deactivated_at IS NOT NULL;

-- The search finds the corrected number.
CREATE TRIGGER holder_search_knows_corrected_certificates AFTER UPDATE OF number ON certificates WHEN OLD.number <> NEW.number
BEGIN
    DELETE FROM holder_search WHERE rowid = NEW.holder_id;
    INSERT INTO holder_search (rowid, words)
        SELECT a.id, a.name_fold || ' ' || a.email_norm || ' ' || (
            SELECT group_concat(c.number, ' ') FROM certificates c WHERE c.holder_id = a.id)
        FROM accounts a WHERE a.id = NEW.holder_id;
END;
