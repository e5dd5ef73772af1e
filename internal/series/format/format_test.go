package format

import (
	"errors"
	"testing"
)

func TestOfContent(t *testing.T) {
	t.Parallel()
	tests := map[string]Format{
		"text/csv": CSV, "Text/CSV; charset=utf-8; header=present": CSV, "application/vnd.apache.parquet": Parquet,
		"application/vnd.apache.arrow.file": Arrow, "application/vnd.apache.arrow.stream": "", "application/json": "", "": "", ";;": "",
	}
	for content, want := range tests {
		got, err := OfContent(content)
		if got != want || (err != nil) != (want == "") || err != nil && !errors.Is(err, ErrUnknown) {
			t.Errorf("%q: got %q, %v, want %q", content, got, err, want)
		}
	}
}
