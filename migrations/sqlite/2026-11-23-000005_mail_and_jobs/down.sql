DROP TABLE leases;
DROP TABLE job_runs;
DROP TABLE held_flags;
DROP TABLE minimums_reached;
DROP TABLE reminders;
DROP TABLE mails;
