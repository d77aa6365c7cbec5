-- The report to the board keeps its figures beside those of the charts. They are all counted anew every night.
CREATE TABLE kept_figures_anew (
    chart TEXT NOT NULL CHECK (chart IN ('deadlines', 'outcomes', 'board')),
    place TEXT NOT NULL,
    series TEXT NOT NULL,
    amount BIGINT NOT NULL CHECK (amount >= 0),
    counted_on DATE NOT NULL,
    PRIMARY KEY (chart, place, series)
);
INSERT INTO kept_figures_anew SELECT chart, place, series, amount, counted_on FROM kept_figures;
DROP TABLE kept_figures;
ALTER TABLE kept_figures_anew RENAME TO kept_figures;

-- Each of its figures leads to the certification years that it counts.
CREATE INDEX certification_years_by_outcome ON certification_years (outcome, ends_on, certificate_id, number);
CREATE INDEX certification_years_extended ON certification_years (ends_on, certificate_id, number) WHERE deadline > ends_on;
-- … and to the reminders.
CREATE INDEX notices_about_years_stages_by_day ON notices_about_years (day, id) WHERE stage IS NOT NULL;
