DROP INDEX evidence_by_hash;
DROP TABLE data_check_findings;
DROP TABLE data_checks;
