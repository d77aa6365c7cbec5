DROP TABLE verdicts_told;
ALTER TABLE mails DROP COLUMN waits_until;
