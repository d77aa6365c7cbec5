DROP TABLE setup;
DROP TABLE calendar_feeds;
