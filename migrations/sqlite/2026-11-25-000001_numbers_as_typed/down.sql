DROP TABLE bare_numbers;
