-- The catalogue: fields, which of them neighbour each other (G8), and certifications (field x level).
CREATE TABLE fields (
    id INTEGER PRIMARY KEY NOT NULL,
    code TEXT NOT NULL UNIQUE CHECK (code <> ''),
    title TEXT NOT NULL CHECK (title <> '')
);

-- Each pair once, the smaller id first; neighbours both ways.
CREATE TABLE field_neighbours (
    field_id BIGINT NOT NULL REFERENCES fields (id),
    neighbour_id BIGINT NOT NULL REFERENCES fields (id),
    PRIMARY KEY (field_id, neighbour_id),
    CHECK (field_id < neighbour_id)
);

CREATE TABLE certifications (
    id INTEGER PRIMARY KEY NOT NULL,
    code TEXT NOT NULL UNIQUE CHECK (code <> ''),
    title TEXT NOT NULL CHECK (title <> ''),
    field_id BIGINT NOT NULL REFERENCES fields (id),
    level TEXT NOT NULL CHECK (level IN ('foundation', 'practitioner', 'expert', 'certified_officer'))
);

-- Versions of the rules' figures. Credits in parts (36 000 a credit), rates in units a credit, stages in days before a deadline.
CREATE TABLE policies (
    id INTEGER PRIMARY KEY NOT NULL,
    version BIGINT NOT NULL UNIQUE CHECK (version > 0),
    first_day DATE NOT NULL UNIQUE,
    minimum_practitioner BIGINT NOT NULL CHECK (minimum_practitioner >= 0),
    minimum_expert BIGINT NOT NULL CHECK (minimum_expert >= 0),
    minimum_certified_officer BIGINT NOT NULL CHECK (minimum_certified_officer >= 0),
    rate_attending BIGINT NOT NULL CHECK (rate_attending > 0 AND 36000 % rate_attending = 0),
    rate_reading BIGINT NOT NULL CHECK (rate_reading > 0 AND 36000 % rate_reading = 0),
    rate_writing BIGINT NOT NULL CHECK (rate_writing > 0 AND 36000 % rate_writing = 0),
    rate_teaching BIGINT NOT NULL CHECK (rate_teaching > 0 AND 36000 % rate_teaching = 0),
    rate_course_material BIGINT NOT NULL CHECK (rate_course_material > 0 AND 36000 % rate_course_material = 0),
    rate_unregistered BIGINT NOT NULL CHECK (rate_unregistered > 0 AND 36000 % rate_unregistered = 0),
    publication_cap BIGINT NOT NULL CHECK (publication_cap >= 0),
    stages TEXT NOT NULL CHECK (stages <> ''),
    notice_days BIGINT NOT NULL CHECK (notice_days BETWEEN 1 AND 365),
    carry_over BIGINT NOT NULL CHECK (carry_over >= 0),
    created_at TIMESTAMP NOT NULL,
    created_by BIGINT REFERENCES accounts (id)
);

INSERT INTO fields (id, code, title) VALUES
    (1, 'information_security', 'Information security'),
    (2, 'it_security', 'IT security'),
    (3, 'data_protection', 'Data protection'),
    (4, 'business_continuity', 'Business continuity'),
    (5, 'crisis_management', 'Crisis management'),
    (6, 'ethical_hacking', 'Ethical hacking'),
    (7, 'secure_software', 'Secure software');

INSERT INTO field_neighbours (field_id, neighbour_id) VALUES
    (1, 3),
    (1, 2),
    (1, 6),
    (1, 4),
    (2, 6),
    (2, 7),
    (6, 7),
    (4, 5),
    (2, 3);

INSERT INTO certifications (id, code, title, field_id, level) VALUES
    (1, 'ISF', 'Information Security Foundation', 1, 'foundation'),
    (2, 'ISP', 'Information Security Practitioner', 1, 'practitioner'),
    (3, 'ISME', 'Information Security Expert', 1, 'expert'),
    (4, 'CISO', 'Certified Information Security Officer', 1, 'certified_officer'),
    (5, 'ITSF', 'IT Security Foundation', 2, 'foundation'),
    (6, 'ITSP', 'IT Security Practitioner', 2, 'practitioner'),
    (7, 'ITSE', 'IT Security Expert', 2, 'expert'),
    (8, 'CITSO', 'Certified IT Security Officer', 2, 'certified_officer'),
    (9, 'DPF', 'Data Protection Foundation', 3, 'foundation'),
    (10, 'DPP', 'Data Protection Practitioner', 3, 'practitioner'),
    (11, 'DPE', 'Data Protection Expert', 3, 'expert'),
    (12, 'CDPO', 'Certified Data Protection Officer', 3, 'certified_officer'),
    (13, 'BCF', 'Business Continuity Foundation', 4, 'foundation'),
    (14, 'BCP', 'Business Continuity Practitioner', 4, 'practitioner'),
    (15, 'BCE', 'Business Continuity Expert', 4, 'expert'),
    (16, 'CBCO', 'Certified Business Continuity Officer', 4, 'certified_officer'),
    (17, 'CMF', 'Crisis Management Foundation', 5, 'foundation'),
    (18, 'CMP', 'Crisis Management Practitioner', 5, 'practitioner'),
    (19, 'CME', 'Crisis Management Expert', 5, 'expert'),
    (20, 'CCMO', 'Certified Crisis Management Officer', 5, 'certified_officer'),
    (21, 'EHF', 'Ethical Hacking Foundation', 6, 'foundation'),
    (22, 'EHP', 'Ethical Hacking Practitioner', 6, 'practitioner'),
    (23, 'EHE', 'Ethical Hacking Expert', 6, 'expert'),
    (24, 'CEHL', 'Certified Ethical Hacking Leader', 6, 'certified_officer'),
    (25, 'SPF', 'Secure Programming Foundation', 7, 'foundation'),
    (26, 'SPP', 'Secure Programming Practitioner', 7, 'practitioner'),
    (27, 'SPE', 'Secure Programming Expert', 7, 'expert'),
    (28, 'CSPL', 'Certified Secure Programming Leader', 7, 'certified_officer');

-- Version 1: the guide. 20 / 40 / 40 credits; an hour, 150 pages, an A4 page, an hour, an hour, three hours for a credit; 5 credits a publication.
INSERT INTO policies (
    id, version, first_day, minimum_practitioner, minimum_expert, minimum_certified_officer,
    rate_attending, rate_reading, rate_writing, rate_teaching, rate_course_material, rate_unregistered,
    publication_cap, stages, notice_days, carry_over, created_at
) VALUES (
    1, 1, '1900-01-01', 720000, 1440000, 1440000, 60, 150, 1, 60, 60, 180,
    180000, '90,60,30,14,7,1', 14, 0, '2026-11-23 00:00:00'
);
