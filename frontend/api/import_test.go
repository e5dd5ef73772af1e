package api

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rclone/gofakes3"
	"github.com/rclone/gofakes3/s3mem"

	"foliocast/frontend/client"
	"foliocast/internal/audit"
	"foliocast/internal/audit/audittest"
	"foliocast/internal/auth"
)

// files is a server of files, by their paths.
func files(t *testing.T) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		text := smallCSV
		switch r.URL.Path {
		case "/prices.csv":
			header.Set("Content-Type", "text/plain; charset=utf-8")
		case "/export":
			header.Set("Content-Type", "text/csv")
			header.Set("Content-Encoding", "gzip")
			text = gzipped(t, text)
		case "/download":
			header.Set("Content-Type", "application/octet-stream")
			header.Set("Content-Disposition", "attachment; filename=prices.csv.gz")
			text = gzipped(t, text)
		case "/data":
			header.Set("Content-Type", "application/octet-stream")
		case "/page.csv":
			header.Set("Content-Type", "text/html")
		case "/two.parquet":
			header.Set("Content-Type", "text/csv")
		case "/bad.csv":
			text = "unique_id,ds,y\nA,2024-01-01,1\nA,2024-01-02,x\n"
		case "/empty.csv":
			text = ""
		case "/bomb.csv":
			text = gzipped(t, strings.Repeat("x", 1<<21))
		case "/packed.csv":
			header.Set("Content-Encoding", "br")
		case "/damaged.csv":
			text = gzipped(t, text)[:20] + "x"
		case "/announced.csv":
			header.Set("Content-Length", strconv.Itoa(5<<30))
		case "/endless.csv":
			w.(http.Flusher).Flush() // without a length
			_, _ = io.Copy(w, io.LimitReader(ones{}, 8<<20))
			return
		case "/half.csv":
			header.Set("Content-Length", "1000")
		case "/hangs.csv":
			<-r.Context().Done()
			return
		case "/metadata.csv":
			http.Redirect(w, r, "http://169.254.169.254/latest/meta-data", http.StatusFound)
			return
		default:
			http.NotFound(w, r)
			return
		}
		_, _ = io.WriteString(w, text)
	}))
	t.Cleanup(s.Close)
	return s.URL
}

// A file is the same dataset, whichever way it comes.
func TestImport(t *testing.T) {
	t.Parallel()
	s, from := newService(t), files(t)
	uploaded := s.upload("uploaded", smallCSV)
	for name, c := range map[string]struct{ source, format string }{
		"by-name": {"/prices.csv?token=hidden", ""}, "by-type": {"/export?token=hidden", ""}, "by-download": {"/download?token=hidden", ""}, "as-asked": {"/data?token=hidden", "csv"},
	} {
		d, err := s.as(auth.Secretary).ImportDataset(t.Context(), name, client.Source{URL: from + c.source}, c.format, client.Reading{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		path, _, _ := strings.Cut(c.source, "?")
		if d.SHA256 != uploaded.SHA256 || d.Version != 1 || d.Audit.Source != from+path || d.Owner != "tester" {
			t.Errorf("%s: got %+v", name, d)
		}
		told := audittest.List(t, s.store.Trail, audit.Filter{Object: audit.Object{Kind: "dataset", ID: name}})
		if len(told) != 1 || told[0].Action != "import-dataset" || !strings.Contains(string(told[0].After), from+path) || strings.Contains(string(told[0].After), "hidden") {
			t.Errorf("%s: the trail says %+v", name, told)
		}
	}
	body, _ := json.Marshal(client.Source{URL: from + "/prices.csv"})
	again := s.send("POST", "/v1/datasets/by-name/import", string(body), "Content-Type", "application/json")
	if again.status != http.StatusOK || again.header.Get("Location") != "/v1/datasets/by-name/versions/1" || again.header.Get("ETag") != `"1"` {
		t.Errorf("again: got %d %v", again.status, again.header)
	}
	if strings.Contains(s.log.String(), "hidden") {
		t.Errorf("the log has the parameters of an address:\n%s", s.log)
	}
}

func TestImportOfAnObject(t *testing.T) {
	t.Parallel()
	s := newService(t)
	backend := s3mem.New()
	_, err := backend.PutObject(t.Context(), "prices", "day.csv", nil, bytes.NewReader([]byte(smallCSV)), int64(len(smallCSV)))
	if err == nil {
		t.Fatal("there is no bucket yet")
	}
	if err = backend.CreateBucket(t.Context(), "prices"); err == nil {
		_, err = backend.PutObject(t.Context(), "prices", "day.csv", nil, bytes.NewReader([]byte(smallCSV)), int64(len(smallCSV)))
	}
	if err != nil {
		t.Fatal(err)
	}
	objects := httptest.NewServer(gofakes3.New(backend, gofakes3.WithV4Auth(map[string]string{"reader": "right-secret"})).Server())
	t.Cleanup(objects.Close)
	access := client.S3{Endpoint: objects.URL, AccessKeyID: "reader", SecretAccessKey: "right-secret"}
	d, err := s.as(auth.Secretary).ImportDataset(t.Context(), "prices", client.Source{URL: "s3://prices/day.csv", S3: &access}, "", client.Reading{Freq: "B"})
	if err != nil || d.Audit.Source != "s3://prices/day.csv" || d.Audit.Freq != "B" {
		t.Errorf("got %+v, %v", d, err)
	}
	access.SecretAccessKey = "wrong-secret"
	_, err = s.as(auth.Secretary).ImportDataset(t.Context(), "other", client.Source{URL: "s3://prices/day.csv", S3: &access}, "", client.Reading{})
	if err == nil || !strings.Contains(err.Error(), "s3/secret_access_key does not belong to the key's id") {
		t.Errorf("a wrong secret: got %v", err)
	}
	shown := s.send("GET", "/v1/datasets/prices", "").body + s.send("GET", audit.Path, "").body + s.log.String()
	if strings.Contains(shown, "-secret") || strings.Contains(shown, "reader") {
		t.Error("the key is shown or logged")
	}
}

func TestRejectedImports(t *testing.T) {
	t.Parallel()
	s, from := newServiceWith(t, Limits{Upload: 1 << 20, UploadTime: time.Minute, ImportTime: 3 * time.Second}), files(t)
	for name, c := range map[string]struct {
		status   int
		pointers []string
		want     string
	}{
		`{"url":"` + from + `/none.csv"}`:                            {422, []string{"/url"}, "answered 404 Not Found"},
		`{"url":"` + from + `/page.csv"}`:                            {422, []string{"/url"}, "leads to a web page"},
		`{"url":"` + from + `/data"}`:                                {422, []string{"format"}, "must be csv, json, parquet or arrow"},
		`{"url":"` + from + `/two.parquet"}`:                         {422, []string{"format"}, "is both"},
		`{"url":"` + from + `/bad.csv"}`:                             {422, []string{"line 3"}, "x"},
		`{"url":"` + from + `/empty.csv"}`:                           {422, nil, "it is empty"},
		`{"url":"` + from + `/bomb.csv"}`:                            {413, nil, "1048576 bytes"},
		`{"url":"` + from + `/announced.csv"}`:                       {413, nil, "1048576 bytes"},
		`{"url":"` + from + `/endless.csv"}`:                         {413, nil, "1048576 bytes"},
		`{"url":"` + from + `/packed.csv"}`:                          {422, []string{"/url"}, "Content-Encoding"},
		`{"url":"` + from + `/damaged.csv"}`:                         {422, []string{"/url"}, "cannot be unpacked"},
		`{"url":"` + from + `/half.csv"}`:                            {422, []string{"/url"}, "of 1000 bytes"},
		`{"url":"` + from + `/hangs.csv"}`:                           {422, []string{"/url"}, "did not answer in time"},
		`{"url":"` + from + `/metadata.csv"}`:                        {422, []string{"/url"}, "169.254.169.254, which is not a public address"},
		`{"url":"http://10.0.0.1/a.csv"}`:                            {422, []string{"/url"}, "not a public address"},
		`{"url":""}`:                                                 {422, []string{"/url"}, ""},
		`{}`:                                                         {422, []string{"/url"}, ""},
		`{"url":"https://a.example/a.csv","s3":{}}`:                  {422, []string{"/s3"}, ""},
		`{"url":"https://a.example/a.csv","user":"me"}`:              {422, []string{"/user"}, ""},
		`{"url":"s3://b/a.csv","s3":{"secret_access_key":"hidden"}}`: {422, []string{"/url"}, ""},
	} {
		got := s.send("POST", "/v1/datasets/p/import", name, "Content-Type", "application/json")
		if d := cmp.Diff(c.pointers, got.pointers()); got.status != c.status || d != "" || !strings.Contains(got.body, c.want) {
			t.Errorf("%s: got %d %s, want %d %q\n%s", name, got.status, got.body, c.status, c.want, d)
		}
	}
	if got := s.send("GET", "/v1/datasets/p", ""); got.status != http.StatusNotFound {
		t.Errorf("a rejected import left something: %d", got.status)
	}
}
