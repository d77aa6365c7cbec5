-- How close the rows of lists stand for somebody on staff: one line each, or with room and explanations.
ALTER TABLE accounts ADD COLUMN list_density TEXT NOT NULL DEFAULT 'dense' CHECK (list_density IN ('dense', 'comfortable'));
