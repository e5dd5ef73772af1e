package postgres_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"foliocast/internal/postgres"
)

type words struct {
	FindWord, ListWords postgres.Statement
}

func TestLoadFillsEachField(t *testing.T) {
	t.Parallel()
	got := postgres.Load[words](fstest.MapFS{
		"queries/find_word.sql":  {Data: []byte("SELECT 1;")},
		"queries/list_words.sql": {Data: []byte("SELECT 2;")},
	})
	want := words{FindWord: postgres.Statement{Name: "find_word", SQL: "SELECT 1;"}, ListWords: postgres.Statement{Name: "list_words", SQL: "SELECT 2;"}}
	if got != want {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestLoadPanicsOverFilesThatDoNotMatch(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		files fstest.MapFS
		want  string
	}{
		"missing":      {fstest.MapFS{"queries/find_word.sql": {}}, "list_words.sql"},
		"without use":  {fstest.MapFS{"queries/find_word.sql": {}, "queries/list_words.sql": {}, "queries/add_word.sql": {}}, "3 files in queries, 2 fields"},
		"no directory": {fstest.MapFS{}, "find_word.sql"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			defer func() {
				if said, _ := recover().(string); !strings.Contains(said, c.want) {
					t.Errorf("got %q, want a panic that names %q", said, c.want)
				}
			}()
			postgres.Load[words](c.files)
		})
	}
}
