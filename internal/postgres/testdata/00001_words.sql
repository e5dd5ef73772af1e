-- +goose Up
CREATE TABLE word (text text CONSTRAINT word_pkey PRIMARY KEY);
INSERT INTO word (text) VALUES ('first');
