DROP TABLE asked_reports;
DROP TABLE answers;
DROP TABLE questions;
