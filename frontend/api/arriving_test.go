package api

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"mime/multipart"
	"net"
	"net/textproto"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/zstd"

	"foliocast/internal/series"
	"foliocast/internal/series/parquet"
	"foliocast/internal/series/seriestest"
)

func gzipped(t testing.TB, text string) string {
	t.Helper()
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	_, err := io.WriteString(z, text)
	if err := errors.Join(err, z.Close()); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func zstandard(t testing.TB, text string) string {
	t.Helper()
	w, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	return string(w.EncodeAll([]byte(text), nil))
}

// formPart is a part of a form.
type formPart struct{ field, file, media, content string }

// formOf is a form as browsers and curl send it.
func formOf(t testing.TB, parts ...formPart) (media, body string) {
	t.Helper()
	var out bytes.Buffer
	w := multipart.NewWriter(&out)
	for _, p := range parts {
		h := textproto.MIMEHeader{"Content-Disposition": {`form-data; name="` + p.field + `"`}}
		if p.file != "" {
			h["Content-Disposition"] = []string{h.Get("Content-Disposition") + `; filename="` + p.file + `"`}
		}
		if p.media != "" {
			h.Set("Content-Type", p.media)
		}
		part, err := w.CreatePart(h)
		if err == nil {
			_, err = io.WriteString(part, p.content)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return w.FormDataContentType(), out.String()
}

// However the file is sent, it becomes the same version.
func TestUploadsAsPeopleSendThem(t *testing.T) {
	t.Parallel()
	s := newService(t)
	first := s.upload("prices", smallCSV)
	table, _ := seriestest.ReadText(t, smallCSV, series.Options{})
	pq := string(seriestest.Written(t, parquet.Write, table))
	zipped, zst := gzipped(t, smallCSV), zstandard(t, smallCSV)
	const octets = "application/octet-stream"
	form := func(p formPart) []string {
		p.field = fileField
		media, body := formOf(t, p)
		return []string{body, "Content-Type", media}
	}
	for name, c := range map[string]struct {
		query string
		body  []string // and its headers
	}{
		"Content-Encoding gzip":       {"", []string{zipped, "Content-Type", csvMedia, "Content-Encoding", "gzip"}},
		"Content-Encoding zstd":       {"", []string{zst, "Content-Type", csvMedia, "Content-Encoding", "zstd"}},
		"a packed file, packed again": {"", []string{zstandard(t, zipped), "Content-Type", csvMedia, "Content-Encoding", "zstd"}},
		"octets by format":            {"?format=parquet", []string{pq, "Content-Type", octets}},
		"octets by filename":          {"?filename=a.PQ", []string{pq, "Content-Type", octets}},
		"octets by disposition":       {"", []string{zipped, "Content-Type", octets, "Content-Disposition", "attachment; filename=prices.csv.gz"}},
		"gzip by format":              {"?format=csv", []string{zipped, "Content-Type", "application/gzip"}},
		"gzip by filename":            {"?filename=prices.csv.gz", []string{zipped, "Content-Type", "application/x-gzip"}},
		"zstd by filename":            {"?filename=prices.csv.zst", []string{zst, "Content-Type", "application/zstd"}},
		"gzip named as CSV":           {"?filename=prices.csv", []string{zipped, "Content-Type", octets}},
		"CSV named as gzip":           {"?filename=prices.csv.gz", []string{smallCSV, "Content-Type", octets}},
		"the same format twice":       {"?format=csv&filename=a.tsv", []string{smallCSV, "Content-Type", csvMedia}},
		"a form of curl":              {"", form(formPart{"", "prices.csv", "text/csv", smallCSV})},
		"a form of a browser":         {"", form(formPart{"", "prices.csv", "application/vnd.ms-excel", smallCSV})},
		"a form of gzip":              {"", form(formPart{"", "prices.csv.gz", "application/gzip", zipped})},
		"a form without a name":       {"?format=parquet", form(formPart{"", "", "", pq})},
	} {
		got := s.send("POST", "/v1/datasets/prices"+c.query, c.body[0], c.body[1:]...)
		if got.status != 200 || !strings.Contains(got.body, first.SHA256) {
			t.Errorf("%s: got %d: %s", name, got.status, got.body)
		}
	}
	media, body := formOf(t, formPart{fileField, "p.csv", "text/csv", smallCSV})
	if got := s.send("POST", "/v1/datasets/prices", gzipped(t, body), "Content-Type", media, "Content-Encoding", "gzip"); got.status != 200 {
		t.Errorf("a packed form: got %d: %s", got.status, got.body)
	}
}

func TestRefusedWaysToUpload(t *testing.T) {
	t.Parallel()
	s := newService(t)
	zipped := gzipped(t, strings.Repeat(smallCSV, 100))
	bomb := strings.Repeat("0", 1<<20+1) // the service takes 1 MiB
	const octets = "application/octet-stream"
	form := func(parts ...formPart) []string {
		media, body := formOf(t, parts...)
		return []string{body, "Content-Type", media}
	}
	file := formPart{fileField, "p.csv", "text/csv", smallCSV}
	whole := form(file)
	for name, c := range map[string]struct {
		query    string
		body     []string
		status   int
		pointers []string
	}{
		"a bomb of gzip":         {"", []string{gzipped(t, bomb), "Content-Type", csvMedia, "Content-Encoding", "gzip"}, 413, nil},
		"a bomb of zstd":         {"", []string{zstandard(t, bomb), "Content-Type", csvMedia, "Content-Encoding", "zstd"}, 413, nil},
		"a bomb in a bomb":       {"", []string{gzipped(t, gzipped(t, bomb)), "Content-Type", csvMedia, "Content-Encoding", "gzip"}, 413, nil},
		"a bomb in a form":       {"", form(formPart{fileField, "p.csv.gz", "", gzipped(t, bomb)}), 413, nil},
		"a form that is large":   {"", form(formPart{fileField, "p.csv", "", bomb}), 413, nil},
		"not gzip":               {"", []string{smallCSV, "Content-Type", csvMedia, "Content-Encoding", "gzip"}, 400, nil},
		"not zstd":               {"", []string{smallCSV, "Content-Type", csvMedia, "Content-Encoding", "zstd"}, 400, nil},
		"gzip that breaks off":   {"", []string{zipped[:len(zipped)-9], "Content-Type", csvMedia, "Content-Encoding", "gzip"}, 400, nil},
		"a file that breaks off": {"?format=csv", []string{zipped[:len(zipped)-9], "Content-Type", "application/gzip"}, 400, nil},
		"gzip and more":          {"?format=csv", []string{zipped + "more", "Content-Type", "application/gzip"}, 400, nil},
		"another encoding":       {"", []string{smallCSV, "Content-Type", csvMedia, "Content-Encoding", "br"}, 415, nil},
		"packed nothing":         {"", []string{gzipped(t, ""), "Content-Type", csvMedia, "Content-Encoding", "gzip"}, 422, nil},
		"octets":                 {"", []string{smallCSV, "Content-Type", octets}, 422, []string{"format"}},
		"octets with no ending":  {"?filename=prices", []string{smallCSV, "Content-Type", octets}, 422, []string{"format"}},
		"two formats":            {"?format=parquet", []string{smallCSV, "Content-Type", csvMedia}, 422, []string{"format"}},
		"another format by name": {"?filename=p.parquet", []string{smallCSV, "Content-Type", csvMedia}, 422, []string{"format"}},
		"no such format":         {"?format=xls", []string{smallCSV, "Content-Type", octets}, 422, []string{"format"}},
		"a field before":         {"", form(formPart{"value", "", "", "close"}, file), 422, []string{"value"}},
		"a field after":          {"", form(file, formPart{"freq", "", "", "D"}), 422, []string{"freq"}},
		"two files":              {"", form(file, file), 422, []string{"file"}},
		"another field":          {"", form(formPart{"data", "p.csv", "text/csv", smallCSV}), 422, []string{"data"}},
		"no file":                {"", form(), 422, []string{"file"}},
		"an empty file":          {"", form(formPart{fileField, "p.csv", "text/csv", ""}), 422, nil},
		"a form of XLS":          {"", form(formPart{fileField, "p.xls", "", smallCSV}), 422, []string{"format"}},
		"a form that breaks off": {"", []string{whole[0][:len(whole[0])-20], whole[1], whole[2]}, 400, nil},
		"no form":                {"", []string{smallCSV, whole[1], whole[2]}, 422, []string{"file"}},
		"no boundary":            {"", []string{whole[0], "Content-Type", formMedia}, 400, []string{"Content-Type"}},
	} {
		got := s.send("POST", "/v1/datasets/p"+c.query, c.body[0], c.body[1:]...)
		if got.status != c.status {
			t.Errorf("%s: got %d, want %d: %s", name, got.status, c.status, got.body)
		}
		if d := cmp.Diff(c.pointers, got.pointers()); d != "" {
			t.Errorf("%s: %s\n%s", name, d, got.body)
		}
	}
	left, err := filepath.Glob(filepath.Join(archiveDir(t, s), "*[^k]")) // but the lock
	if err != nil || len(left) > 0 {
		t.Errorf("refused uploads left files: %v, %v", left, err)
	}
}

// A packed body, or a form, that stops arriving is told so.
func TestSlowPackedUpload(t *testing.T) {
	t.Parallel()
	s := newServiceWith(t, Limits{Upload: 1 << 20, UploadTime: 50 * time.Millisecond})
	for name, headers := range map[string]string{"gzip": "Content-Type: text/csv\r\nContent-Encoding: gzip", "a form": "Content-Type: multipart/form-data; boundary=x"} {
		conn, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		_, err = io.WriteString(conn, "POST /v1/datasets/p HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer "+s.token+"\r\n"+headers+"\r\nContent-Length: 1000\r\n\r\n\x1f\x8b")
		if err == nil {
			err = conn.SetReadDeadline(time.Now().Add(10 * time.Second))
		}
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(conn)
		if !strings.Contains(string(got), "did not arrive in time") {
			t.Errorf("%s: got %q, %v", name, got, err)
		}
	}
}
