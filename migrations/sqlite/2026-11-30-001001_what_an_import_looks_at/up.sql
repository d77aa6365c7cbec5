-- An import judges each row by what its holder reported for the same days, however much else they have reported: by the last day
-- (activities_of_holder), and by these for what went on longer. Only reports over several days are in it.
CREATE INDEX activities_over_days ON activities (holder_id, completed_on, started_on) WHERE started_on < completed_on;
-- Whose places in the queue are to be renewed: only of holders for whom something waits.
CREATE INDEX activities_waiting_of_holder ON activities (holder_id) WHERE queue_rank IS NOT NULL;
