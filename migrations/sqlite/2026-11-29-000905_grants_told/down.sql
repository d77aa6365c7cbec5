DROP TABLE grants_told;
