DROP INDEX minimums_reached_of_mail;
DROP INDEX mails_to_holders_by_account;
