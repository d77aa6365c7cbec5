-- What was wrong with the rows of the file that somebody imported or rehearsed last: a compressed copy of it, kept for a day to be fetched.
CREATE TABLE import_problems (
    account_id BIGINT PRIMARY KEY NOT NULL REFERENCES accounts (id),
    file_name TEXT NOT NULL,
    made_at TIMESTAMP NOT NULL,
    content BLOB NOT NULL
);
