-- A mail that came back may be noted by the portal itself, from the report of a mail server: then nobody noted it, and the server that we
-- gave it to did not refuse it either.
ALTER TABLE bounces ADD COLUMN reported BOOLEAN NOT NULL DEFAULT FALSE;
