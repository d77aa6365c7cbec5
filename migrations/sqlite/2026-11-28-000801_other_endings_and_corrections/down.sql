DROP TRIGGER holder_search_knows_corrected_certificates;
DROP INDEX accounts_closed;
DROP TRIGGER settled_years_are_never_deleted;
DROP TRIGGER settled_years_stay_settled;
CREATE TRIGGER settled_years_stay_settled BEFORE UPDATE ON certification_years
WHEN OLD.outcome IS NOT NULL AND NOT (
    OLD.certificate_id IS NEW.certificate_id AND OLD.number IS NEW.number
    AND OLD.starts_on IS NEW.starts_on AND OLD.ends_on IS NEW.ends_on AND OLD.deadline IS NEW.deadline
    AND OLD.settled_on IS NEW.settled_on
    AND OLD.approved IS NEW.approved AND OLD.required IS NEW.required AND OLD.carried IS NEW.carried
    AND (OLD.outcome IS NEW.outcome OR (OLD.outcome IN ('decertified', 'void') AND NEW.outcome IS 'waived'))
) AND NOT (OLD.outcome = 'void' AND NEW.outcome IS NULL)
BEGIN SELECT RAISE(ABORT, 'a settled year never changes'); END;
CREATE TRIGGER settled_years_are_never_deleted BEFORE DELETE ON certification_years WHEN OLD.outcome IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'a settled year never changes'); END;
DROP TABLE certificate_corrections;
DROP TABLE endings;
-- The kinds of decision that this brought are not known below it; a certificate that one of them ended stays ended by its own row.
PRAGMA defer_foreign_keys=ON;
CREATE TABLE decisions_before AS SELECT * FROM decisions;
DROP TABLE decisions;
CREATE TABLE decisions (
    id INTEGER PRIMARY KEY NOT NULL,
    certificate_id BIGINT NOT NULL REFERENCES certificates (id),
    year BIGINT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('decertification', 'waiver', 'extension', 'reinstatement')),
    reason TEXT NOT NULL CHECK (reason <> ''),
    until DATE,
    decided_by BIGINT NOT NULL REFERENCES accounts (id),
    decided_on DATE NOT NULL,
    decided_at TIMESTAMP NOT NULL,
    CHECK ((kind = 'extension') = (until IS NOT NULL)),
    FOREIGN KEY (certificate_id, year) REFERENCES certification_years (certificate_id, number)
);
INSERT INTO decisions SELECT * FROM decisions_before WHERE year IS NOT NULL AND kind NOT IN ('ending', 'correction');
DROP TABLE decisions_before;
CREATE INDEX decisions_of_certificate ON decisions (certificate_id, id);
CREATE TRIGGER decisions_are_never_updated BEFORE UPDATE ON decisions
BEGIN SELECT RAISE(ABORT, 'decisions are append-only'); END;
CREATE TRIGGER decisions_are_never_deleted BEFORE DELETE ON decisions
BEGIN SELECT RAISE(ABORT, 'decisions are append-only'); END;
