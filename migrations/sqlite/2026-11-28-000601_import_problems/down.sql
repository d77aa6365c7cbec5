DROP TABLE import_problems;
