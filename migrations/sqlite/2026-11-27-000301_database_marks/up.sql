-- Which database this is, and how many changes were committed to it: a start that finds fewer than were noted beside the file is refused.
CREATE TABLE database_marks (
    id INTEGER PRIMARY KEY NOT NULL CHECK (id = 1),
    mark TEXT NOT NULL CHECK (length(mark) = 16),
    changes BIGINT NOT NULL CHECK (changes >= 0)
);
INSERT INTO database_marks (id, mark, changes) VALUES (1, lower(hex(randomblob(8))), 0);
