DROP INDEX activities_waiting_by_day;
DROP TABLE prepared_words;
DROP TABLE review_claims;
