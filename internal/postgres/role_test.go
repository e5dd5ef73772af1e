package postgres_test

import (
	"io/fs"
	"net/url"
	"testing"
	"testing/fstest"

	"github.com/jackc/pgx/v5"

	"foliocast/internal/postgres"
	"foliocast/internal/postgres/pgtest"
)

// insufficientPrivilege is an SQLSTATE of appendix A of PostgreSQL's manual.
const insufficientPrivilege = "42501"

// as is the server's address for another role, which needs no password here.
func as(t *testing.T, role string) string {
	t.Helper()
	u, err := url.Parse(pgtest.URL(t))
	if err != nil {
		t.Fatal(err)
	}
	u.User = url.User(role)
	return u.String()
}

func TestRoleOwnsItsSchemaAlone(t *testing.T) {
	t.Parallel()
	mine, other := pgtest.Schema(t), pgtest.Schema(t)
	first, err := fs.ReadFile(files, "testdata/00001_words.sql")
	if err != nil {
		t.Fatal(err)
	}
	old := fstest.MapFS{"00001_words.sql": {Data: first}, "00002_all.sql": {Data: []byte(`-- +goose Up
CREATE TABLE numbered (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, n serial);
CREATE SEQUENCE alone;
CREATE VIEW words AS SELECT text FROM word;
CREATE TYPE mood AS ENUM ('good', 'bad');
CREATE TYPE pair AS (a int, b int);
CREATE FUNCTION one() RETURNS int LANGUAGE sql AS 'SELECT 1';
`)}}
	for _, schema := range []string{mine, other} { // as an earlier version, by the superuser
		pool, err := postgres.Open(t.Context(), pgtest.URL(t), schema, old, 2)
		if err != nil {
			t.Fatal(err)
		}
		pool.Close()
	}
	for _, password := range []string{"first", "it's \"new\""} {
		err := postgres.Confine(t.Context(), pgtest.URL(t), postgres.Role{Name: mine, Schema: mine, Password: password},
			postgres.Role{Name: other, Schema: other, Password: password})
		if err != nil {
			t.Fatal(err)
		}
	}
	newer := fstest.MapFS{"00001_words.sql": old["00001_words.sql"], "00002_all.sql": old["00002_all.sql"],
		"00003_new.sql": {Data: []byte(`-- +goose Up
ALTER TABLE numbered ADD COLUMN more int;
ALTER SEQUENCE alone RESTART 5;
CREATE OR REPLACE VIEW words AS SELECT text FROM word WHERE text <> '';
ALTER TYPE mood ADD VALUE 'fair';
ALTER TYPE pair ADD ATTRIBUTE c int;
CREATE OR REPLACE FUNCTION one() RETURNS int LANGUAGE sql AS 'SELECT 2';
CREATE TABLE later (n int);
INSERT INTO numbered (more) VALUES (1);
`)}}
	pool, err := postgres.Open(t.Context(), as(t, mine), mine, newer, 2)
	if err != nil {
		t.Fatalf("the service cannot migrate what it owns: %v", err)
	}
	defer pool.Close()
	for _, refused := range []string{
		"SELECT * FROM " + pgx.Identifier{other, "word"}.Sanitize(),
		"SELECT " + pgx.Identifier{other, "one"}.Sanitize() + "()",
		"CREATE TABLE " + pgx.Identifier{other, "mine"}.Sanitize() + " (n int)",
		"CREATE TABLE public.mine (n int)",
		"CREATE SCHEMA " + pgx.Identifier{mine + "x"}.Sanitize(),
		"CREATE TEMP TABLE mine (n int)",
		"COPY word TO PROGRAM 'true'",
		"COPY word FROM '/etc/passwd'",
		"SELECT pg_read_file('/etc/passwd')",
		"SELECT rolpassword FROM pg_authid",
		"SELECT lo_import('/etc/passwd')",
		"ALTER SYSTEM SET work_mem = '1GB'",
		"CREATE ROLE another",
		"CREATE DATABASE another",
		"SET ROLE foliocast",
		"SET session_replication_role = replica",
		"ALTER ROLE " + pgx.Identifier{mine}.Sanitize() + " SUPERUSER",
		"ALTER ROLE " + pgx.Identifier{other}.Sanitize() + " PASSWORD 'x'",
		"CREATE EXTENSION file_fdw",
	} {
		if _, err := pool.Exec(t.Context(), refused); postgres.Code(err) != insufficientPrivilege {
			t.Errorf("%s: got %v, want a refusal", refused, err)
		}
	}
	for url, want := range map[string]bool{pgtest.URL(t): true, as(t, mine): false} {
		if super, err := postgres.Superuser(t.Context(), url); err != nil || super != want {
			t.Errorf("%s is a superuser: %v, %v", url, super, err)
		}
	}
}
