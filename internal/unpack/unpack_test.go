package unpack

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"foliocast/internal/problem"
)

const text = "ticker,date,close\nDAX,2024-01-01,1\n"

// packed is the text without packing, with gzip and with Zstandard.
func packed(t *testing.T) map[string]string {
	t.Helper()
	var zipped bytes.Buffer
	z := gzip.NewWriter(&zipped)
	_, err := z.Write([]byte(text))
	w, wrong := zstd.NewWriter(nil)
	if err := errors.Join(err, z.Close(), wrong); err != nil {
		t.Fatal(err)
	}
	return map[string]string{"": text, "gzip": zipped.String(), "zstd": string(w.EncodeAll([]byte(text), nil))}
}

func TestBody(t *testing.T) {
	t.Parallel()
	for encoding, body := range packed(t) {
		for _, name := range []string{encoding, strings.ToUpper(encoding) + " "} {
			plain, end, err := Body(strings.NewReader(body), name)
			if err != nil {
				t.Errorf("%q: %v", name, err)
				continue
			}
			if got, err := io.ReadAll(plain); err != nil || string(got) != text {
				t.Errorf("%q: got %q, %v", name, got, err)
			}
			end()
		}
	}
	if _, _, err := Body(strings.NewReader(text), "gzip"); !problem.Is(err, problem.Malformed) {
		t.Errorf("text as gzip: got %v", err)
	}
	if _, _, err := Body(strings.NewReader(text), "br"); !problem.Is(err, problem.UnsupportedMedia) {
		t.Errorf("br: got %v", err)
	}
}

func TestFile(t *testing.T) {
	t.Parallel()
	files := packed(t)
	for name, file := range files {
		plain, end, err := File(strings.NewReader(file))
		if err != nil {
			t.Errorf("%q: %v", name, err)
			continue
		}
		if got, err := io.ReadAll(plain); err != nil || string(got) != text {
			t.Errorf("%q: got %q, %v", name, got, err)
		}
		end()
	}
	for _, name := range []string{"gzip", "zstd"} {
		plain, end, err := File(strings.NewReader(files[name][:len(files[name])-3]))
		if err == nil {
			_, err = io.ReadAll(plain)
			end()
		}
		if err == nil {
			t.Errorf("%s that breaks off is taken", name)
		}
	}
	for _, short := range []string{"", "a", "\x1f"} {
		plain, _, err := File(strings.NewReader(short))
		if got, wrong := io.ReadAll(plain); err != nil || wrong != nil || string(got) != short {
			t.Errorf("%q: got %q, %v", short, got, errors.Join(err, wrong))
		}
	}
}
