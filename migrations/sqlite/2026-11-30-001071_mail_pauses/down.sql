DROP TABLE mail_pauses;
