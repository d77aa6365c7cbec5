DROP TABLE delivery_reports;
