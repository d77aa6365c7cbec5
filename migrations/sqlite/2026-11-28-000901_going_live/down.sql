DROP INDEX mails_uninvited;
DROP INDEX mails_to_holders;
DROP INDEX mails_leaving_to_staff;
DROP INDEX mails_leaving;
ALTER TABLE mails DROP COLUMN uninvited;
ALTER TABLE mails DROP COLUMN to_holder;
ALTER TABLE accounts DROP COLUMN invited_at;
DROP TABLE holder_mail_holds;
