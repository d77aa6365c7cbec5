ALTER TABLE sessions DROP COLUMN kept_until;
