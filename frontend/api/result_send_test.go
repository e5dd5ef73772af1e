package api

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
	"pgregory.net/rapid"

	"foliocast/internal/forecasttable"
	"foliocast/internal/job"
	"foliocast/queue/message"
)

// manyAssets is a result that is worth packing.
func manyAssets(id job.ID) message.Result {
	a := answerFor(id)
	for i := range 200 {
		asset := a.Assets[0]
		asset.Asset, asset.Model = fmt.Sprintf("=A%d", i), "=1+1" // a formula, which is guarded once however often it is read
		asset.Members = []job.Member{{Name: "=2+2", Weight: 1}}
		a.Assets = append(a.Assets, asset)
	}
	text, err := json.Marshal(a)
	if err != nil {
		panic(err)
	}
	return message.Result{Outcome: message.Completed, Result: text}
}

// unpacked reads a body by the libraries of its Content-Encoding.
func unpacked(t *testing.T, got answer) string {
	t.Helper()
	var r io.Reader = strings.NewReader(got.body)
	switch got.header.Get("Content-Encoding") {
	case "gzip":
		z, err := gzip.NewReader(r)
		if err != nil {
			t.Fatal(err)
		}
		r = z
	case "zstd":
		z, err := zstd.NewReader(r)
		if err != nil {
			t.Fatal(err)
		}
		defer z.Close()
		r = z
	}
	text, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// Accept-Encoding chooses (RFC 9110, section 12.5.3), and each encoding has its own entity tag.
func TestResultsArePacked(t *testing.T) {
	t.Parallel()
	s := newService(t)
	path := "/v1/jobs/" + string(s.ended(manyAssets)) + "/result"
	for _, f := range resultFormats() {
		plain := s.send("GET", path, "", "Accept", f.MediaType(), "Accept-Encoding", "identity")
		tags := map[string]string{plain.header.Get("ETag"): ""}
		for accept, want := range map[string]string{"gzip": "gzip", "zstd": "zstd", "gzip, deflate, br, zstd": "zstd", "gzip;q=1.0, zstd;q=0.5": "gzip", "zstd;q=0": "", "br": "", "GZIP": "gzip"} {
			if f == forecasttable.Parquet {
				want = ""
			}
			got := s.send("GET", path, "", "Accept", f.MediaType(), "Accept-Encoding", accept)
			if got.status != http.StatusOK || got.header.Get("Content-Encoding") != want || unpacked(t, got) != plain.body {
				t.Errorf("%s with %q: got %d in %q with %d bytes", f, accept, got.status, got.header.Get("Content-Encoding"), len(got.body))
			}
			if want != "" && len(got.body) > len(plain.body)/2 {
				t.Errorf("%s with %q has %d bytes of %d", f, accept, len(got.body), len(plain.body))
			}
			tag := got.header.Get("ETag")
			if encoding, known := tags[tag]; known && encoding != want {
				t.Errorf("%s: %q has the entity tag of %q, %s", f, want, encoding, tag)
			}
			tags[tag] = want
			if vary := strings.Join(got.header.Values("Vary"), ", "); !strings.Contains(vary, "Accept-Encoding") || !strings.Contains(vary, "Accept,") {
				t.Errorf("%s varies with %q", f, vary)
			}
			if again := s.send("GET", path, "", "Accept", f.MediaType(), "Accept-Encoding", accept, "If-None-Match", `"other", W/`+tag); again.status != http.StatusNotModified ||
				again.body != "" || again.header.Get("ETag") != tag {
				t.Errorf("%s with %q again: got %d with %s", f, accept, again.status, again.header.Get("ETag"))
			}
		}
		if other := s.send("GET", path, "", "Accept", f.MediaType(), "Accept-Encoding", "identity", "If-None-Match", plain.header.Get("ETag")[:10]+`"`); other.status != http.StatusOK {
			t.Errorf("another entity tag: got %d", other.status)
		}
	}
}

// A retry makes another result, and each table is one of its own.
func TestTheEntityTagIsThatOfTheBytes(t *testing.T) {
	t.Parallel()
	s := newService(t)
	seen := map[string]string{}
	first, second := s.ended(manyAssets), s.submit().ID
	s.end(second, manyAssets(second))
	for _, id := range []job.ID{first, second} {
		path := "/v1/jobs/" + string(id) + "/result"
		for _, f := range resultFormats() {
			got := s.send("HEAD", path, "", "Accept", f.MediaType())
			tag := got.header.Get("ETag")
			if seen[tag] != "" || tag == "" || got.header.Get("Accept-Ranges") != "bytes" || got.status != http.StatusOK {
				t.Errorf("%s as %s: got %d with the entity tag %s, that of %s", path, f, got.status, tag, seen[tag])
			}
			seen[tag] = path + " as " + string(f)
		}
	}
}

// The parts are those of the whole (RFC 9110, section 14).
func TestPartsOfAResult(t *testing.T) {
	t.Parallel()
	s := newService(t)
	path := "/v1/jobs/" + string(s.ended(manyAssets)) + "/result"
	for _, f := range resultFormats() {
		whole := s.send("GET", path, "", "Accept", f.MediaType(), "Accept-Encoding", "identity")
		size, tag := len(whole.body), whole.header.Get("ETag")
		for ask, want := range map[string][2]int{
			"bytes=0-0": {0, 1}, "bytes=5-9": {5, 10}, "bytes=100-": {100, size}, "bytes=-7": {size - 7, size}, "bytes=0-99999999": {0, size}, "bytes=-99999999": {0, size},
			fmt.Sprintf("bytes=%d-", size-1): {size - 1, size},
		} {
			got := s.send("GET", path, "", "Accept", f.MediaType(), "Range", ask, "If-Range", tag, "Accept-Encoding", "gzip, zstd")
			place := fmt.Sprintf("bytes %d-%d/%d", want[0], want[1]-1, size)
			if got.status != http.StatusPartialContent || got.header.Get("Content-Range") != place || got.body != whole.body[want[0]:want[1]] ||
				got.header.Get("Content-Encoding") != "" || got.header.Get("ETag") != tag || got.header.Get("Content-Length") != fmt.Sprint(want[1]-want[0]) {
				t.Errorf("%s of %s: got %d, %s with %d bytes", ask, f, got.status, got.header.Get("Content-Range"), len(got.body))
			}
		}
		for _, ask := range []string{"bytes=5-2", "bytes=0-1,4-5", "lines=1-2", "bytes=x-", "bytes=-", "bytes=", "bytes=18446744073709551616-"} {
			if got := s.send("GET", path, "", "Accept", f.MediaType(), "Range", ask, "Accept-Encoding", "identity"); got.status != http.StatusOK || got.body != whole.body {
				t.Errorf("%s of %s: got %d with %d bytes", ask, f, got.status, len(got.body))
			}
		}
		for _, ask := range []string{fmt.Sprintf("bytes=%d-", size), "bytes=-0", "bytes=9999999-99999999"} {
			if got := s.send("GET", path, "", "Accept", f.MediaType(), "Range", ask); got.status != http.StatusRequestedRangeNotSatisfiable || got.header.Get("Content-Range") != fmt.Sprintf("bytes */%d", size) {
				t.Errorf("%s of %s: got %d, %s", ask, f, got.status, got.header.Get("Content-Range"))
			}
		}
		for _, other := range []string{`"other"`, "W/" + tag, "Tue, 01 Dec 2026 09:00:00 GMT"} {
			if got := s.send("GET", path, "", "Accept", f.MediaType(), "Range", "bytes=0-0", "If-Range", other, "Accept-Encoding", "identity"); got.status != http.StatusOK || got.body != whole.body {
				t.Errorf("with If-Range %s: got %d with %d bytes", other, got.status, len(got.body))
			}
		}
		if got := s.send("HEAD", path, "", "Accept", f.MediaType(), "Range", "bytes=0-0"); got.status != http.StatusOK || got.header.Get("ETag") != tag {
			t.Errorf("HEAD of a part: got %d", got.status)
		}
	}
}

// Whatever is asked for, parts that follow each other make the whole, and a part is inside it.
func TestPartOf(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.SliceOfN(rapid.Byte(), 1, 50).Draw(t, "body")
		at := rapid.IntRange(0, len(text)-1).Draw(t, "at")
		var whole bytes.Buffer
		for _, ask := range []string{fmt.Sprintf("bytes=-%d", len(text)-at), fmt.Sprintf("bytes=0-%d", at-1), fmt.Sprintf("bytes=%d-", at)} {
			p, asks := partOf(ask, int64(len(text)))
			if !asks && at > 0 {
				t.Fatalf("%s asks for nothing", ask)
			}
			w := &window{out: &whole, skip: p.from, left: p.bytes}
			for rest := text; len(rest) > 0; {
				n := rapid.IntRange(1, len(rest)).Draw(t, "written at once")
				if _, err := w.Write(rest[:n]); err != nil && w.left > 0 {
					t.Fatal(err)
				}
				rest = rest[n:]
			}
			if strings.HasPrefix(ask, "bytes=-") { // the same as the last part
				whole.Reset()
			}
		}
		if !bytes.Equal(whole.Bytes(), text) {
			t.Errorf("the parts of %q at %d are %q", text, at, whole.Bytes())
		}
		p, _ := partOf(rapid.StringMatching(`(bytes=)?[0-9]{0,20}-?[0-9]{0,20},?`).Draw(t, "range"), int64(len(text)))
		if p.from < 0 || p.bytes < 0 || p.bytes > 0 && p.from+p.bytes > int64(len(text)) {
			t.Errorf("a part from %d with %d bytes of %d", p.from, p.bytes, len(text))
		}
	})
}
