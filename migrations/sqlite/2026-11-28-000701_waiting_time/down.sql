DROP INDEX activities_waiting;
DROP INDEX activities_returned;
ALTER TABLE activities DROP COLUMN waiting_since;
ALTER TABLE activities DROP COLUMN returned_at;
ALTER TABLE activities DROP COLUMN holders_turn;
CREATE INDEX activities_waiting ON activities (reported_at) WHERE queue_key IS NOT NULL;
CREATE INDEX activities_returned ON activities (updated_at) WHERE status = 'returned';
