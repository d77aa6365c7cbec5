DROP INDEX mails_with_text;
