DROP TABLE policies;
DROP TABLE certifications;
DROP TABLE field_neighbours;
DROP TABLE fields;
