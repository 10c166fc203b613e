DROP TABLE comments;
DROP TABLE agreement_tags;
DROP TABLE tags;
