DROP TABLE draft_texts;
