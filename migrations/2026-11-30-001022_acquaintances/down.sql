DROP TABLE acquaintances;
