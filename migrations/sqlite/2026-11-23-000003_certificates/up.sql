CREATE TABLE certificates (
    id INTEGER PRIMARY KEY NOT NULL,
    number TEXT NOT NULL CHECK (number <> ''),
    number_fold TEXT NOT NULL UNIQUE,
    holder_id BIGINT NOT NULL REFERENCES accounts (id),
    certification_id BIGINT NOT NULL REFERENCES certifications (id),
    granted_on DATE NOT NULL,
    -- the decertification in force; NULL while the certificate stands
    decertified_on DATE,
    times_decertified BIGINT NOT NULL DEFAULT 0,
    -- last day of the last year that has a row; NULL for Foundation, which has no years
    years_until DATE,
    version BIGINT NOT NULL DEFAULT 1,
    created_at TIMESTAMP NOT NULL
);
CREATE INDEX certificates_of_holder ON certificates (holder_id);
CREATE INDEX certificates_by_years_until ON certificates (years_until) WHERE years_until IS NOT NULL AND decertified_on IS NULL;

-- One certificate's dated years. What time alone changes is not stored; flags, settlements and moved deadlines are recorded facts.
CREATE TABLE certification_years (
    certificate_id BIGINT NOT NULL REFERENCES certificates (id),
    number BIGINT NOT NULL CHECK (number > 0),
    starts_on DATE NOT NULL,
    ends_on DATE NOT NULL CHECK (ends_on >= starts_on),
    deadline DATE NOT NULL CHECK (deadline >= ends_on),
    flagged_on DATE CHECK (flagged_on > deadline),
    outcome TEXT CHECK (outcome IN ('recertified', 'waived', 'decertified', 'void', 'before_takeover')),
    settled_on DATE,
    approved BIGINT CHECK (approved >= 0),
    required BIGINT CHECK (required >= 0),
    carried BIGINT CHECK (carried >= 0),
    -- the first day on which the deadline run has something to look at here: a stage becomes due, or the deadline has passed
    look_on DATE NOT NULL,
    PRIMARY KEY (certificate_id, number),
    CHECK ((outcome IS NULL) = (settled_on IS NULL)),
    CHECK ((outcome IS NULL) = (approved IS NULL)),
    CHECK ((outcome IS NULL) = (required IS NULL)),
    CHECK ((outcome IS NULL) = (carried IS NULL)),
    CHECK (outcome IS NULL OR flagged_on IS NULL),
    CHECK (outcome IS NULL OR outcome <> 'recertified' OR approved >= required)
);
CREATE INDEX certification_years_to_look_at ON certification_years (look_on, certificate_id) WHERE outcome IS NULL;
CREATE INDEX certification_years_by_deadline ON certification_years (deadline, certificate_id) WHERE outcome IS NULL;
CREATE INDEX certification_years_flagged ON certification_years (flagged_on, certificate_id) WHERE flagged_on IS NOT NULL;
-- A settled year never changes; only a reinstatement turns the year that cost the certificate, and the void ones since, into waived
-- ones, and opens the one in progress.
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

-- Dated decisions with a reason and a person. Append-only.
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
CREATE INDEX decisions_of_certificate ON decisions (certificate_id, id);
CREATE TRIGGER decisions_are_never_updated BEFORE UPDATE ON decisions
BEGIN SELECT RAISE(ABORT, 'decisions are append-only'); END;
CREATE TRIGGER decisions_are_never_deleted BEFORE DELETE ON decisions
BEGIN SELECT RAISE(ABORT, 'decisions are append-only'); END;

-- A badge for each certificate from the day it is granted; a reinstatement issues a new one. The id is a random UUID.
CREATE TABLE badges (
    id TEXT PRIMARY KEY NOT NULL,
    certificate_id BIGINT NOT NULL REFERENCES certificates (id),
    issued_on DATE NOT NULL,
    valid_until DATE,
    renewed_on DATE NOT NULL,
    revoked_on DATE
);
CREATE INDEX badges_of_certificate ON badges (certificate_id);
CREATE UNIQUE INDEX badges_one_live ON badges (certificate_id) WHERE revoked_on IS NULL;
CREATE INDEX badges_to_renew ON badges (valid_until) WHERE revoked_on IS NULL AND valid_until IS NOT NULL;
CREATE TRIGGER revoked_badges_stay_revoked BEFORE UPDATE ON badges WHEN OLD.revoked_on IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'a revoked badge stays revoked'); END;
CREATE TRIGGER badges_are_never_deleted BEFORE DELETE ON badges
BEGIN SELECT RAISE(ABORT, 'badges are never deleted'); END;
