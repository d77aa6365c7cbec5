DROP TABLE form_keys;
DROP TABLE parked_forms;
DROP TRIGGER sessions_leave_their_form_token;
DROP INDEX sessions_by_form_token;
DROP TABLE past_sessions;
