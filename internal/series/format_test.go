package series

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/parquet-go/parquet-go"
)

func TestReadFileByEnding(t *testing.T) {
	t.Parallel()
	table, _ := readText(t, windowText, Options{})
	dir := t.TempDir()
	for name, data := range map[string][]byte{"a.csv": []byte(windowText), "b.CSV": csvOf(t, table), "b.tsv": bytes.ReplaceAll([]byte(windowText), []byte(","), []byte("\t")), "c.parquet": parquetOf(t, table), "d.arrow": arrowOf(t, table)} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		got, _, err := ReadFile(path, Options{})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		equal(t, name, show(got), show(table))
		if err := got.Close(); err != nil {
			t.Errorf("%s: close: %v", name, err)
		}
	}
}

func TestReadFileFaults(t *testing.T) {
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
		"prices.xls": "the format is none of csv, parquet, arrow",
	}
	for name, want := range tests {
		if _, _, err := ReadFile(filepath.Join(dir, name), Options{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got error %v, want one that says %q", name, err, want)
		}
	}
	if _, _, err := ReadFile(filepath.Join(dir, "none.csv"), Options{}); !errors.Is(err, os.ErrNotExist) || strings.Contains(err.Error(), "exist") {
		t.Errorf("got error %v, want one that is os.ErrNotExist", err)
	}
}

func TestFormatOfContent(t *testing.T) {
	t.Parallel()
	tests := map[string]Format{
		"text/csv": CSV, "Text/CSV; charset=utf-8; header=present": CSV, "application/vnd.apache.parquet": Parquet,
		"application/vnd.apache.arrow.file": Arrow, "application/vnd.apache.arrow.stream": "", "application/json": "", "": "", ";;": "",
	}
	for content, want := range tests {
		got, err := FormatOfContent(content)
		if got != want || (err != nil) != (want == "") || err != nil && !errors.Is(err, ErrFormat) {
			t.Errorf("%q: got %q, %v, want %q", content, got, err, want)
		}
	}
}

// TestCompressedBombs reads files that would become far larger than they are.
func TestCompressedBombs(t *testing.T) {
	t.Parallel()
	const rows = 1 << 20
	steps := make([]steppedRow, rows)
	for k := range steps {
		steps[k] = steppedRow{"A", int64(k), 0}
	}
	zeros := built{"y", arrow.PrimitiveTypes.Float64, nil}
	_, _, err := readPacked(packed(t, steps, parquet.Compression(&parquet.Zstd)))
	if r := rejection(t, err); !strings.Contains(r.Error(), "too many for its size") {
		t.Errorf("Parquet: got error %v", err)
	}
	for range 2 * rows {
		zeros.items = append(zeros.items, 0.0)
	}
	file := foreignAtOnce(t, []built{{"ds", arrow.PrimitiveTypes.Float64, zeros.items}, zeros}, ipc.WithZstd())
	_, _, err = ReadArrow(bytes.NewReader(file), Options{})
	if r := rejection(t, err); !strings.Contains(r.Error(), "more than 256 times as large as itself") {
		t.Errorf("Arrow: got error %v for a file of %d bytes", err, len(file))
	}
}
