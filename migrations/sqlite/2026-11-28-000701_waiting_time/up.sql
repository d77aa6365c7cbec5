-- How long a report has waited for staff: since its first submission, without the time it was its holder's turn.
-- The first submission, moved on by that time; when the holder's turn began, while it lasts; and how many seconds earlier turns took.
ALTER TABLE activities ADD COLUMN waiting_since TIMESTAMP;
ALTER TABLE activities ADD COLUMN returned_at TIMESTAMP;
ALTER TABLE activities ADD COLUMN holders_turn BIGINT NOT NULL DEFAULT 0;

UPDATE activities SET returned_at = COALESCE(
    (SELECT MAX(r.reviewed_at) FROM reviews r WHERE r.activity_id = activities.id AND r.decision = 'return'), updated_at)
WHERE status = 'returned';

UPDATE activities SET holders_turn = COALESCE(
    (SELECT SUM(MAX(0, CAST(strftime('%s', (
            SELECT MIN(h.at) FROM history h
            WHERE h.activity_id = r.activity_id AND h.at >= r.reviewed_at
                AND h.event IN ('activity answered', 'question taken back')
        )) AS INTEGER) - CAST(strftime('%s', r.reviewed_at) AS INTEGER)))
    FROM reviews r WHERE r.activity_id = activities.id AND r.decision = 'return'), 0)
WHERE reported_at IS NOT NULL AND id IN (SELECT activity_id FROM reviews WHERE decision = 'return');

UPDATE activities SET waiting_since = CASE holders_turn
    WHEN 0 THEN reported_at
    ELSE strftime('%Y-%m-%d %H:%M:%S', reported_at, '+' || holders_turn || ' seconds') END
WHERE reported_at IS NOT NULL AND (holders_turn > 0 OR status IN ('submitted', 'returned'));

-- a correction that was accepted is waited for since then
UPDATE activities SET holders_turn = 0, waiting_since =
    (SELECT MAX(h.at) FROM history h WHERE h.activity_id = activities.id AND h.event = 'correction accepted')
WHERE status = 'submitted' AND EXISTS (
    SELECT 1 FROM history h WHERE h.activity_id = activities.id AND h.event = 'correction accepted');

DROP INDEX activities_waiting;
CREATE INDEX activities_waiting ON activities (waiting_since) WHERE queue_key IS NOT NULL;
DROP INDEX activities_returned;
CREATE INDEX activities_returned ON activities (returned_at) WHERE status = 'returned';
