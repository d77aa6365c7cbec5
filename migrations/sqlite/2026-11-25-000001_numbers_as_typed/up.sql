-- The numbers of certificates without anything but letters and digits, so that a number is found however its dashes are typed. Two
-- certificates can be alike here; their real numbers never are.
CREATE TABLE bare_numbers (
    certificate_id BIGINT PRIMARY KEY NOT NULL REFERENCES certificates (id),
    bare TEXT NOT NULL
);
INSERT INTO bare_numbers (certificate_id, bare)
    SELECT id, replace(replace(replace(replace(replace(number_fold, '-', ''), '.', ''), '/', ''), '_', ''), ':', '') FROM certificates;
CREATE INDEX bare_numbers_by_text ON bare_numbers (bare);
