-- The baseline of the deadline run: approved and pending credits of every year that the run looks at, the publication cap within
-- the year included, in one statement. ?1 is the day.
WITH due AS (
    SELECT y.certificate_id, y.number, c.holder_id, y.deadline,
        max(y.starts_on, coalesce(date(p.deadline, '+1 day'), y.starts_on)) AS from_day
    FROM certification_years y
    JOIN certificates c ON c.id = y.certificate_id
    LEFT JOIN certification_years p ON p.certificate_id = y.certificate_id AND p.number = y.number - 1
    WHERE y.outcome IS NULL AND y.look_on <= ?1 AND c.decertified_on IS NULL
), parts AS (
    SELECT d.certificate_id, d.number, a.status = 'approved' AS approved,
        CASE WHEN a.category = 'writing' THEN a.publication_fold END AS publication,
        sum(coalesce(a.awarded, a.quantity) * CASE a.category
            WHEN 'reading' THEN 240 WHEN 'writing' THEN 36000 WHEN 'unregistered' THEN 200 ELSE 600 END) AS parts
    FROM due d
    LEFT JOIN activities a ON a.holder_id = d.holder_id AND a.completed_on BETWEEN d.from_day AND d.deadline
        AND a.status IN ('submitted', 'returned', 'approved')
    GROUP BY 1, 2, 3, 4
), years AS (
    SELECT certificate_id, number,
        sum(CASE WHEN approved THEN CASE WHEN publication IS NULL THEN parts ELSE min(parts, 180000) END ELSE 0 END) AS e,
        sum(CASE WHEN approved = 0 THEN CASE WHEN publication IS NULL THEN parts ELSE min(parts, 180000) END ELSE 0 END) AS p
    FROM parts GROUP BY 1, 2
)
SELECT count(*), sum(e), sum(p), sum(e + p < 720000) FROM years;
