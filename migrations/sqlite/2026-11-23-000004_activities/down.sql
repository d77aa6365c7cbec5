DROP TABLE evidence;
DROP TABLE year_counts;
DROP TABLE reviews;
DROP TABLE activity_versions;
DROP TABLE activities;
