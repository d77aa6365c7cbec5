ALTER TABLE conversations DROP COLUMN needs_answer;
