package api

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"foliocast/frontend/client"
	"foliocast/internal/auth"
	"foliocast/internal/series"
	"foliocast/internal/series/arrow"
	"foliocast/internal/series/parquet"
	"foliocast/internal/series/seriestest"
	"foliocast/internal/serve/servetest"
)

func TestUploadInEveryFormat(t *testing.T) {
	t.Parallel()
	s := newService(t)
	table, _ := seriestest.ReadText(t, smallCSV, series.Options{})
	first := s.upload("prices", smallCSV)
	for media, body := range map[string]string{
		csvMedia + "; charset=utf-8": smallCSV, parquetMedia: string(seriestest.Written(t, parquet.Write, table)),
		arrowFileMedia: string(seriestest.Written(t, arrow.Write, table)),
	} {
		got, err := s.as(auth.Secretary).UploadDataset(t.Context(), "prices", strings.NewReader(body), media, client.Reading{})
		if err != nil {
			t.Errorf("%s: %v", media, err)
			continue
		}
		if got.SHA256 != first.SHA256 || got.Version != 1 {
			t.Errorf("%s: got version %d with %s, want the same as from CSV", media, got.Version, got.SHA256)
		}
	}
	if first.Audit.Rows != 6 || first.Audit.Assets != 2 || first.Audit.From != "2024-01-01" || first.Owner != "tester" {
		t.Errorf("got %+v", first)
	}
}

func TestUploadAnswers(t *testing.T) {
	t.Parallel()
	s := newService(t)
	first := s.send("POST", "/v1/datasets/prices", smallCSV, "Content-Type", csvMedia)
	again := s.send("POST", "/v1/datasets/prices", smallCSV, "Content-Type", csvMedia)
	second := s.send("POST", "/v1/datasets/prices", smallCSV+"FTSE,2024-01-04,8\n", "Content-Type", csvMedia)
	for _, c := range []struct {
		name     string
		got      answer
		status   int
		location string
	}{
		{"the first", first, http.StatusCreated, "/v1/datasets/prices/versions/1"},
		{"the same again", again, http.StatusOK, "/v1/datasets/prices/versions/1"},
		{"another", second, http.StatusCreated, "/v1/datasets/prices/versions/2"},
	} {
		if c.got.status != c.status || c.got.header.Get("Location") != c.location {
			t.Errorf("%s: got %d, %s: %s", c.name, c.got.status, c.got.header.Get("Location"), c.got.body)
		}
	}
	if got := s.send("GET", "/v1/datasets/prices/versions/2", ""); got.status != http.StatusOK || !strings.Contains(got.body, `"version":2`) {
		t.Errorf("got %d, %s", got.status, got.body)
	}
}

func TestRejectedUploads(t *testing.T) {
	t.Parallel()
	s := newService(t)
	for name, c := range map[string]struct {
		path, media, body string
		status            int
		pointers          []string
	}{
		"text for values":   {"/v1/datasets/p", csvMedia, "unique_id,ds,y\nA,2024-01-01,1\nA,2024-01-02,x\nA,2024-01-03,y\n", 422, []string{"line 3", "line 4"}},
		"duplicates":        {"/v1/datasets/p", csvMedia, "unique_id,ds,y\nA,2024-01-01,1\nA,2024-01-01,2\n", 422, []string{"line 3"}},
		"nothing":           {"/v1/datasets/p", csvMedia, "", 422, nil},
		"only a header":     {"/v1/datasets/p", csvMedia, "unique_id,ds,y\n", 422, []string{""}},
		"no such column":    {"/v1/datasets/p?value=price2", csvMedia, smallCSV, 422, []string{"value"}},
		"no such frequency": {"/v1/datasets/p?freq=S", csvMedia, smallCSV, 422, []string{"freq"}},
		"hours of dates":    {"/v1/datasets/p?freq=H", csvMedia, smallCSV, 422, []string{"freq"}},
		"no such rule":      {"/v1/datasets/p?duplicates=most", csvMedia, smallCSV, 422, []string{"duplicates"}},
		"no such mark":      {"/v1/datasets/p?decimal=x", csvMedia, smallCSV, 422, []string{"decimal"}},
		"a mark for two":    {"/v1/datasets/p?decimal=.&thousands=.", csvMedia, smallCSV, 422, []string{"thousands"}},
		"nothing to keep":   {"/v1/datasets/p?columns=x", csvMedia, smallCSV, 422, []string{"columns"}},
		"nothing to drop":   {"/v1/datasets/p?drop=x*", csvMedia, smallCSV, 422, []string{"drop"}},
		"a name for two":    {"/v1/datasets/p?asset_name=x", csvMedia, smallCSV, 422, []string{"asset_name"}},
		"not a boolean":     {"/v1/datasets/p?number_rows=many", csvMedia, smallCSV, 422, []string{"number_rows"}},
		"numbers and times": {"/v1/datasets/p?number_rows=true&time=ds", csvMedia, smallCSV, 422, []string{"number_rows"}},
		"no such format":    {"/v1/datasets/p?time_format=unix", csvMedia, smallCSV, 422, []string{"time_format"}},
		"no such mark, too": {"/v1/datasets/p?thousands=_", csvMedia, smallCSV, 422, []string{"thousands"}},
		"no such zone":      {"/v1/datasets/p?timezone=Mars", csvMedia, smallCSV, 422, []string{"timezone"}},
		"not Parquet":       {"/v1/datasets/p", parquetMedia, smallCSV, 422, []string{""}},
		"not Arrow":         {"/v1/datasets/p", arrowFileMedia, smallCSV, 422, []string{""}},
		"not a stream":      {"/v1/datasets/p", "application/vnd.apache.arrow.stream", smallCSV, 422, []string{""}},
		"another type":      {"/v1/datasets/p", "text/html", "{}", 415, []string{"Content-Type"}},
		"no type":           {"/v1/datasets/p", "", smallCSV, 415, []string{"Content-Type"}},
		"a bad name":        {"/v1/datasets/P%20", csvMedia, smallCSV, 422, []string{"name"}},
		"too large":         {"/v1/datasets/p", csvMedia, strings.Repeat("x", 1<<20+1), 413, nil},
	} {
		got := s.send("POST", c.path, c.body, "Content-Type", c.media)
		if got.status != c.status {
			t.Errorf("%s: got %d: %s", name, got.status, got.body)
		}
		if d := cmp.Diff(c.pointers, got.pointers()); d != "" {
			t.Errorf("%s: %s\n%s", name, d, got.body)
		}
	}
	if got := s.send("GET", "/v1/datasets/p", ""); got.status != http.StatusNotFound {
		t.Errorf("a rejected upload left something: %d", got.status)
	}
	left, err := filepath.Glob(filepath.Join(archiveDir(t, s), "*[^k]")) // but the lock
	if err != nil || len(left) > 0 {
		t.Errorf("rejected uploads left files: %v, %v", left, err)
	}
}

// archiveDir is where the archive keeps its files.
func archiveDir(t *testing.T, s *service) string {
	t.Helper()
	f, err := s.archive.Temp("")
	if err != nil {
		t.Fatal(err)
	}
	defer os.Remove(f.Name())
	defer f.Close()
	return filepath.Dir(f.Name())
}

// A body without a length is cut off at the limit, which the answer names.
func TestEndlessUpload(t *testing.T) {
	t.Parallel()
	s := newService(t)
	got := s.sendReader("POST", "/v1/datasets/p", io.LimitReader(ones{}, 2<<20), "Content-Type", csvMedia)
	if got.status != http.StatusRequestEntityTooLarge || !strings.Contains(got.problem.Detail, "1048576 bytes") {
		t.Errorf("got %d: %s", got.status, got.body)
	}
}

// A file in the stored form may be larger than one that must be read into memory.
func TestMappedUpload(t *testing.T) {
	t.Parallel()
	table, _ := seriestest.ReadText(t, smallCSV, series.Options{})
	stored := string(seriestest.Written(t, arrow.Write, table))
	size := int64(len(stored))
	s := newServiceWith(t, Limits{Upload: size - 1, Mapped: size, UploadTime: time.Minute})
	for name, c := range map[string]struct {
		media, body string
		status      int
	}{
		"stored":            {arrowFileMedia, stored, 201},
		"another Arrow":     {arrowFileMedia, strings.Repeat("x", len(stored)), 413},
		"text":              {csvMedia, strings.Repeat("x", len(stored)), 413},
		"stored, too large": {arrowFileMedia, stored + "x", 413},
	} {
		if got := s.send("POST", "/v1/datasets/p", c.body, "Content-Type", c.media); got.status != c.status {
			t.Errorf("%s: got %d: %s", name, got.status, got.body)
		}
	}
}

// ones is an endless reader.
type ones struct{}

func (ones) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = '1'
	}
	return len(b), nil
}

func TestSlowUpload(t *testing.T) {
	t.Parallel()
	s := newServiceWith(t, Limits{Upload: 1 << 20, UploadTime: 50 * time.Millisecond})
	conn, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "POST /v1/datasets/p HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nContent-Type: text/csv\r\nContent-Length: 1000\r\n\r\nunique_id",
		s.issuer.Token(auth.Secretary))
	if err := conn.SetReadDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(conn)
	if err != nil || !strings.HasPrefix(string(text), "HTTP/1.1 400 ") || !strings.Contains(string(text), "did not arrive in time") {
		t.Errorf("got %v, %s", err, text)
	}
}

func TestInterruptedUpload(t *testing.T) {
	t.Parallel()
	s := newService(t)
	ctx, stop := context.WithCancel(t.Context())
	reader, writer := io.Pipe()
	go func() {
		_, _ = io.WriteString(writer, "unique_id,ds,y\nA,2024-01-01,1\n")
		stop()
		_ = writer.CloseWithError(context.Canceled)
	}()
	if _, err := s.as(auth.Secretary).UploadDataset(ctx, "p", reader, csvMedia, client.Reading{}); err == nil {
		t.Error("it broke off")
	}
	servetest.Until(t, "the request has ended", func() bool { return strings.Contains(s.log.String(), `"route":"/v1/datasets/:name"`) })
	if got := s.send("GET", "/v1/datasets/p", ""); got.status != http.StatusNotFound {
		t.Errorf("half a file became a dataset: %d", got.status)
	}
}

func TestColumnsCanBeNamed(t *testing.T) {
	t.Parallel()
	s := newService(t)
	csv := strings.Replace(smallCSV, "unique_id,ds,y", "who,when,how_much", 1)
	d, err := s.as(auth.Secretary).UploadDataset(t.Context(), "prices", strings.NewReader(csv), csvMedia,
		client.Reading{ID: "who", Time: "when", Value: "how_much", Freq: "B"})
	if err != nil {
		t.Fatal(err)
	}
	if d.Audit.Form != "long" || d.Audit.Freq != "B" {
		t.Errorf("got %+v", d.Audit)
	}
}

// Every option reaches the reader: without it, each of the files is refused.
func TestUploadsAreReadAsAsked(t *testing.T) {
	t.Parallel()
	s := newService(t)
	for name, c := range map[string]struct {
		csv     string
		reading client.Reading
		asset   string
		from    string
	}{
		"columns":    {"date,A,B\n2024-01-02,1,x\n2024-01-03,2,y\n", client.Reading{Columns: []string{"A"}}, "A", "2024-01-02"},
		"drop":       {"date,A,B,C\n2024-01-02,1,x,y\n2024-01-03,2,y,z\n", client.Reading{Drop: []string{"B", "c*"}}, "A", "2024-01-02"},
		"rows":       {"A\n5\n3\n", client.Reading{NumberRows: true}, "A", "1"},
		"format":     {"date,A\n01/02/2024,1\n01/03/2024,2\n", client.Reading{TimeFormat: "%d/%m/%Y"}, "A", "2024-02-01"},
		"decimal":    {"date;A\n2024-01-02;1,000\n2024-01-03;2,000\n", client.Reading{Decimal: ","}, "A", "2024-01-02"},
		"thousands":  {"date;A\n2024-01-02;1'000\n2024-01-03;2'000\n", client.Reading{Thousands: "'"}, "A", "2024-01-02"},
		"duplicates": {"date,A\n2024-01-02,1\n2024-01-02,2\n2024-01-03,3\n", client.Reading{Duplicates: "last"}, "A", "2024-01-02"},
		"name":       {"date,A\n2024-01-02,1\n2024-01-03,3\n", client.Reading{AssetName: "DAX"}, "DAX", "2024-01-02"},
		"zone":       {"date,A\n2024-10-27 02:00,1\n2024-10-27 02:00,2\n", client.Reading{Timezone: "Europe/Berlin"}, "A", "2024-10-27T02:00:00+02:00"},
	} {
		bare := name != "name" // a name is asked for, not needed
		if _, err := s.as(auth.Secretary).UploadDataset(t.Context(), name, strings.NewReader(c.csv), csvMedia, client.Reading{}); bare && err == nil {
			t.Errorf("%s: the file is read without the option", name)
		}
		d, err := s.as(auth.Secretary).UploadDataset(t.Context(), name, strings.NewReader(c.csv), csvMedia, c.reading)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		assets, err := s.as(auth.Secretary).Assets(t.Context(), name, 0, 0, 0)
		if err != nil {
			t.Fatal(err)
		}
		if assets.Total != 1 || assets.Items[0].Asset != c.asset || d.Audit.From != c.from {
			t.Errorf("%s: got %+v from %s, want %s from %s", name, assets.Items, d.Audit.From, c.asset, c.from)
		}
	}
}
