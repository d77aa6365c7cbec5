DROP TABLE bounces;
DROP INDEX reminders_of_mail;
DROP TABLE year_notices;
