-- The history says of which certification year it speaks, so that one can tell which years were flagged on a day of the past. Until now
-- only its words said so. What can be read in them is filled in: a year's first day, or its number. Where a correction has moved the days
-- of the years since, it stays empty, and a statement about such a day says that it is not known.
ALTER TABLE history ADD COLUMN year BIGINT;
DROP TRIGGER history_is_never_updated;
UPDATE history SET year = (
    SELECT y.number FROM certification_years y
    WHERE y.certificate_id = history.certificate_id AND history.detail LIKE 'year '
        || CAST(substr(y.starts_on, 9, 2) AS INTEGER) || ' '
        || CASE substr(y.starts_on, 6, 2)
            WHEN '01' THEN 'January' WHEN '02' THEN 'February' WHEN '03' THEN 'March' WHEN '04' THEN 'April'
            WHEN '05' THEN 'May' WHEN '06' THEN 'June' WHEN '07' THEN 'July' WHEN '08' THEN 'August'
            WHEN '09' THEN 'September' WHEN '10' THEN 'October' WHEN '11' THEN 'November' ELSE 'December' END
        || ' ' || substr(y.starts_on, 1, 4) || ' to %')
WHERE certificate_id IS NOT NULL
    AND event IN ('year flagged', 'flag lifted', 'year recertified', 'flag held by the guard');
UPDATE history SET year = (
    SELECT y.number FROM certification_years y
    WHERE y.certificate_id = history.certificate_id AND history.detail LIKE 'year ' || y.number || ':%')
WHERE certificate_id IS NOT NULL AND event = 'flag counts from now';
CREATE TRIGGER history_is_never_updated BEFORE UPDATE ON history
BEGIN SELECT RAISE(ABORT, 'history is append-only'); END;
