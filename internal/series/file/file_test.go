package file

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"foliocast/internal/series"
	"foliocast/internal/series/format"
	"foliocast/internal/series/seriestest"
)

// written is a table in a format.
func written(t *testing.T, table *series.Table, f format.Format) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, table, f); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestReadByEnding(t *testing.T) {
	t.Parallel()
	table, _ := seriestest.ReadText(t, seriestest.Small, series.Options{})
	dir := t.TempDir()
	for name, data := range map[string][]byte{
		"a.csv": []byte(seriestest.Small), "b.CSV": written(t, table, format.CSV),
		"b.tsv":     bytes.ReplaceAll([]byte(seriestest.Small), []byte(","), []byte("\t")),
		"c.parquet": written(t, table, format.Parquet), "d.arrow": written(t, table, format.Arrow),
		"e.pq": written(t, table, format.Parquet), "f.feather": written(t, table, format.Arrow),
	} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		got, _, sum, err := ReadSummed(path, series.Options{})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if want := fmt.Sprintf("%x", sha256.Sum256(data)); sum != want {
			t.Errorf("%s has the sum %s, want %s", name, sum, want)
		}
		seriestest.Equal(t, name, seriestest.Show(got), seriestest.Show(table))
		if err := got.Close(); err != nil {
			t.Errorf("%s: close: %v", name, err)
		}
	}
}

func TestReadFaults(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	empty := filepath.Join(dir, "empty.csv")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(dir, "folder.csv"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo(filepath.Join(dir, "pipe.csv"), 0o600); err != nil {
		t.Fatal(err)
	}
	tests := map[string]string{
		"none.csv":   "there is no file",
		"pipe.csv":   "is not a regular file", // and nobody writes to it
		"folder.csv": "is not a regular file",
		"empty.csv":  "the file is empty",
		"prices.xls": "the format must be csv, json, parquet or arrow",
	}
	for name, want := range tests {
		if _, _, err := Read(filepath.Join(dir, name), series.Options{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got error %v, want one that says %q", name, err, want)
		}
	}
	if _, _, err := Read(filepath.Join(dir, "none.csv"), series.Options{}); !errors.Is(err, os.ErrNotExist) || strings.Contains(err.Error(), "exist") {
		t.Errorf("got error %v, want one that is os.ErrNotExist", err)
	}
}
