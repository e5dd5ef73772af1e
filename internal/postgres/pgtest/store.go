package pgtest

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"
)

// CheckStore checks that the package under test, a store, has the form that all
// stores share: in its statements, migrations, constraint names and errors. The
// pool is of its schema.
func CheckStore(t testing.TB, pool *pgxpool.Pool) {
	t.Helper()
	checkStatements(t, pool)
	checkMigrations(t)
	checkNames(t, pool)
	if strings.Contains(source(t), "problem.Fault") {
		t.Error("the store refers to fields of a request, which only the api knows")
	}
}

// checkStatements looks at each file in queries: it is named after the verb
// that its first line begins with, it ends with a semicolon and one newline,
// the server takes it, and the package uses it.
func checkStatements(t testing.TB, pool *pgxpool.Pool) {
	t.Helper()
	conn, err := pool.Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Release()
	code := source(t)
	files, err := filepath.Glob("queries/*")
	if err != nil || len(files) == 0 {
		t.Fatalf("the store has no statements: %v", err)
	}
	for _, file := range files {
		name, isSQL := strings.CutSuffix(filepath.Base(file), ".sql")
		text := read(t, file)
		verb, _, _ := strings.Cut(name, "_")
		if !isSQL || !strings.HasPrefix(text, fmt.Sprintf("-- %s%s ", strings.ToUpper(verb[:1]), verb[1:])) {
			t.Errorf("%s does not begin with a comment of its purpose, whose first word is the file's", file)
		}
		if !strings.HasSuffix(text, ";\n") {
			t.Errorf("%s does not end with a semicolon and one newline", file)
		}
		if !regexp.MustCompile(`\.` + camel(name) + `\b`).MatchString(code) {
			t.Errorf("%s is used nowhere", file)
		}
		if _, err := conn.Conn().Prepare(t.Context(), name, text); err != nil {
			t.Errorf("%s: %v", file, err)
		}
	}
}

// source is the package's code without its tests.
func source(t testing.TB) string {
	t.Helper()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, file := range files {
		if !strings.HasSuffix(file, "_test.go") {
			all.WriteString(read(t, file))
		}
	}
	return all.String()
}

func read(t testing.TB, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// camel turns list_jobs into ListJobs, the field of a statement.
func camel(name string) string {
	var b strings.Builder
	for word := range strings.SplitSeq(name, "_") {
		b.WriteString(strings.ToUpper(word[:1]) + word[1:])
	}
	return b.String()
}

// checkMigrations looks at each file in migrations: they are numbered from
// 00001 without a gap.
func checkMigrations(t testing.TB) {
	t.Helper()
	files, err := filepath.Glob("migrations/*")
	if err != nil {
		t.Fatal(err)
	}
	for i, file := range files {
		if !regexp.MustCompile(fmt.Sprintf(`/%05d_[a-z_]+\.sql$`, i+1)).MatchString(file) {
			t.Errorf("%s is not number %05d", file, i+1)
		}
		if text := read(t, file); !strings.HasPrefix(text, "-- +goose Up\n") || !strings.HasSuffix(text, ";\n") {
			t.Errorf("%s does not go from -- +goose Up to a semicolon", file)
		}
	}
}

// checkNames looks at the constraints and indexes of the schema: each is named
// as PostgreSQL itself would, with its table before and its sort behind.
func checkNames(t testing.TB, pool *pgxpool.Pool) {
	t.Helper()
	rows, err := pool.Query(t.Context(), `
		SELECT name FROM (
			SELECT conrelid, conname::text, CASE contype
				WHEN 'p' THEN 'pkey' WHEN 'u' THEN 'key' WHEN 'f' THEN 'fkey' WHEN 'c' THEN 'check' WHEN 'x' THEN 'excl' END
			FROM pg_constraint WHERE contype <> 'n'
			UNION ALL
			SELECT indrelid, indexrelid::regclass::text, CASE WHEN indisunique THEN 'key' ELSE 'idx' END
			FROM pg_index WHERE NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid AND conrelid = indrelid)
		) AS named (relation, name, sort) JOIN pg_class ON pg_class.oid = relation
		WHERE relnamespace = quote_ident(current_schema())::regnamespace AND relname <> 'goose_db_version'
			AND NOT (starts_with(name, relname || '_') AND right(name, length(sort) + 1) = '_' || sort)
		ORDER BY 1`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		t.Errorf("the constraint or index %s is not named TABLE_…_pkey, _key, _fkey, _check or _idx", name)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
}
