package format

import (
	"errors"
	"testing"
)

func TestOfContent(t *testing.T) {
	t.Parallel()
	tests := map[string]Format{
		"text/csv": CSV, "Text/CSV; charset=utf-8; header=present": CSV, "application/vnd.apache.parquet": Parquet,
		"application/vnd.apache.arrow.file": Arrow, "application/vnd.apache.arrow.stream": Arrow, "application/json": JSON, "application/x-ndjson": JSON, "text/html": "", "": "", ";;": "",
	}
	for content, want := range tests {
		got, err := OfContent(content)
		if got != want || (err != nil) != (want == "") || err != nil && !errors.Is(err, ErrUnknown) {
			t.Errorf("%q: got %q, %v, want %q", content, got, err, want)
		}
	}
}

func TestOfInput(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]Format{
		"a.csv": CSV, "a.json": JSON, "a.NDJSON": JSON, "a.jsonl": JSON, "a.TSV": CSV, "a.txt": CSV, "a.parquet": Parquet, "a.pq": Parquet, "dir.csv/a.parq": Parquet,
		"a.arrow": Arrow, "a.arrows": Arrow, "a.ipc": Arrow, "a.Feather": Arrow, "a.xls": "", "arrow": "",
	} {
		got, err := OfInput(path)
		if got != want || (err != nil) != (want == "") || err != nil && !errors.Is(err, ErrUnknown) {
			t.Errorf("%q: got %q, %v, want %q", path, got, err, want)
		}
	}
}

func TestOfPacked(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]Format{
		"a.csv": CSV, "a.csv.gz": CSV, "A.TSV.GZ": CSV, "a.b.parquet.zst": Parquet, "a.arrow.gz": Arrow, "a.gz": "", "a.csv.zip": "", "a.csv.gz.gz": "", "": "",
	} {
		got, err := OfPacked(path)
		if got != want || (err != nil) != (want == "") || err != nil && !errors.Is(err, ErrUnknown) {
			t.Errorf("%q: got %q, %v, want %q", path, got, err, want)
		}
	}
}
