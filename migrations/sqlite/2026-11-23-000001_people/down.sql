DROP TABLE history;
DROP TABLE sign_in_failures;
DROP TABLE sessions;
DROP TABLE tokens;
DROP TABLE accounts;
