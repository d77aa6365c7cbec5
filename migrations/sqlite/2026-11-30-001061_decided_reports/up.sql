-- "Reports decided" in the report to the board leads to the reports that it counts, by the moment of the verdict.
CREATE INDEX activities_decided ON activities (decided_at, id) WHERE decided_at IS NOT NULL;
