DROP TABLE prepared_rejections;
