DROP TABLE canned_answers;
DROP TABLE appeal_outcomes;
DROP TABLE messages;
DROP TABLE conversations;
