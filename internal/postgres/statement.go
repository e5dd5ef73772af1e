package postgres

import (
	"fmt"
	"io/fs"
	"reflect"
	"strings"
	"unicode"
)

// Statement is one SQL statement of a store.
type Statement struct {
	Name string // of its file, without the extension
	SQL  string
}

// Load returns a struct of type S, whose fields are all Statements, with each
// field set to its file in the directory queries: the field ListJobs is
// queries/list_jobs.sql. A store that names a statement which does not exist
// does not compile. Load panics when a field has no file or a file no field,
// which is a mistake in the build: every test that opens the store finds it.
func Load[S any](files fs.FS) S {
	var statements S
	fields := reflect.ValueOf(&statements).Elem()
	for i := range fields.NumField() {
		name := snake(fields.Type().Field(i).Name)
		text, err := fs.ReadFile(files, "queries/"+name+".sql")
		if err != nil {
			panic(fmt.Sprintf("postgres: load statements: %v", err))
		}
		fields.Field(i).Set(reflect.ValueOf(Statement{Name: name, SQL: string(text)}))
	}
	entries, err := fs.ReadDir(files, "queries")
	if err != nil {
		panic(fmt.Sprintf("postgres: load statements: %v", err))
	}
	if len(entries) != fields.NumField() {
		panic(fmt.Sprintf("postgres: load statements: %d files in queries, %d fields in %s", len(entries), fields.NumField(), fields.Type()))
	}
	return statements
}

// snake turns ListJobs into list_jobs.
func snake(name string) string {
	var b strings.Builder
	for i, r := range name {
		if unicode.IsUpper(r) && i > 0 {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

// Migrations returns the directory migrations of a store's embedded files, for
// [Open].
func Migrations(files fs.FS) fs.FS {
	sub, err := fs.Sub(files, "migrations")
	if err != nil {
		panic(err) // only an invalid path fails
	}
	return sub
}
