ALTER TABLE accounts DROP COLUMN list_density;
