package nixtla

import (
	"bytes"
	"compress/gzip"
	"errors"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"foliocast/internal/problem"
)

func TestUnpack(t *testing.T) {
	t.Parallel()
	free := func(int64) error { return nil }
	text := strings.Repeat("0", 1<<20)
	var zipped bytes.Buffer
	z := gzip.NewWriter(&zipped)
	_, err := z.Write([]byte(text))
	if err := errors.Join(err, z.Close()); err != nil {
		t.Fatal(err)
	}
	w, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest))
	if err != nil {
		t.Fatal(err)
	}
	frame := w.EncodeAll([]byte(text), nil)
	for encoding, body := range map[string][]byte{"": []byte(text), "identity": []byte(text), "gzip": zipped.Bytes(), "zstd": frame} {
		if got, err := Unpack(bytes.NewReader(body), encoding, 1<<20, free); err != nil || string(got) != text {
			t.Errorf("%s: got %d bytes, %v", encoding, len(got), err)
		}
		if _, err := Unpack(bytes.NewReader(body), encoding, 1<<20-1, free); !problem.Is(err, problem.TooLarge) {
			t.Errorf("%s, a byte too long: got %v", encoding, err)
		}
		full := errors.New("no memory")
		if _, err := Unpack(bytes.NewReader(body), encoding, 1<<20, func(int64) error { return full }); !errors.Is(err, full) {
			t.Errorf("%s without memory: got %v", encoding, err)
		}
	}
	for _, c := range []struct {
		encoding string
		body     []byte
		kind     problem.Kind
	}{{"zstd", []byte(text), problem.Malformed}, {"gzip", []byte(text), problem.Malformed}, {"zstd", frame[:len(frame)-3], problem.Malformed},
		{"gzip", zipped.Bytes()[:zipped.Len()-3], problem.Malformed}, {"br", []byte(text), problem.UnsupportedMedia}} {
		if _, err := Unpack(bytes.NewReader(c.body), c.encoding, 1<<20, free); !problem.Is(err, c.kind) {
			t.Errorf("%s: got %v, want %s", c.encoding, err, c.kind)
		}
	}
}
