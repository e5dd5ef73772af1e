package postgres

import (
	"io/fs"
	"strings"
)

// Queries reads every statement in the directory queries of a store's embedded
// files, keyed by the file's name without its ending. A file that cannot be
// read is a fault of the build, so it panics.
func Queries(files fs.FS) map[string]string {
	entries, err := fs.ReadDir(files, "queries")
	if err != nil {
		panic(err)
	}
	queries := make(map[string]string, len(entries))
	for _, e := range entries {
		text, err := fs.ReadFile(files, "queries/"+e.Name())
		if err != nil {
			panic(err)
		}
		queries[strings.TrimSuffix(e.Name(), ".sql")] = string(text)
	}
	return queries
}
