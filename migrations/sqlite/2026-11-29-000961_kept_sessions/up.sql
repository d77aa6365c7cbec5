-- A holder can stay signed in on a device until a day that is fixed at the sign-in. Every other session has none, those of earlier
-- versions included: they go on as they were, and end as they would have.
ALTER TABLE sessions ADD COLUMN kept_until TIMESTAMP;
