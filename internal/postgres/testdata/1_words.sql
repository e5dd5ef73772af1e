-- +goose Up
CREATE TABLE word (text text CONSTRAINT word_once PRIMARY KEY);
INSERT INTO word (text) VALUES ('first');
