-- Going live goes through the holders to whom something is held, in order.
CREATE INDEX mails_to_holders_by_account ON mails (account_id, id) WHERE state = 'pending' AND to_holder = 1;
-- A mail that is taken back is looked for here.
CREATE INDEX minimums_reached_of_mail ON minimums_reached (mail_id);
