DROP TABLE discarded_mails;
DROP TABLE mail_holds;
