DROP TABLE badges;
DROP TABLE decisions;
DROP TABLE certification_years;
DROP TABLE certificates;
