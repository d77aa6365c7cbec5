DROP TABLE corrections;
DROP TABLE remarks;
