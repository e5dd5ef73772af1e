package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"foliocast/frontend/client"
	"foliocast/internal/auth"
	"foliocast/internal/job"
	"foliocast/internal/problem"
)

const rows4 = "unique_id,ds,y\nDAX,2024-01-04,13\nFTSE,2024-01-04,8\n"

// appended sends rows for the version with an entity tag.
func (s *service) appended(query, tag, rows string) answer {
	s.Helper()
	return s.send("PATCH", "/v1/datasets/prices"+query, rows, "Content-Type", csvMedia, "If-Match", tag)
}

// versionIn is the version that an answer has.
func versionIn(t *testing.T, a answer) client.Version {
	t.Helper()
	var v client.Version
	if err := json.Unmarshal([]byte(a.body), &v); err != nil || a.status > 201 {
		t.Fatalf("got %d, %s, %v", a.status, a.body, err)
	}
	return v
}

// The version is the one that an upload of all rows would be, in every form of body; nothing else in the service tells them apart.
func TestAppend(t *testing.T) {
	t.Parallel()
	s := newService(t)
	s.upload("whole", smallCSV)
	whole := s.upload("whole", smallCSV+strings.SplitAfterN(rows4, "\n", 2)[1])
	s.upload("prices", smallCSV)
	tag := s.send("GET", "/v1/datasets/prices", "").header.Get("ETag")
	got := s.appended("", tag, rows4)
	v := versionIn(t, got)
	if got.status != http.StatusCreated || got.header.Get("Location") != "/v1/datasets/prices/versions/2" || got.header.Get("ETag") != `"2"` || tag != `"1"` {
		t.Errorf("got %d, %v", got.status, got.header)
	}
	if v.SHA256 != whole.SHA256 || v.Bytes != whole.Bytes || v.Audit.To != "2024-01-04" || v.Audit.Values != 8 || v.Audit.Rows != 2 || v.Audit.AppendedTo != 1 {
		t.Errorf("got %+v, want the content of %+v", v, whole.Dataset)
	}
	if diff := cmp.Diff(map[string][]float64{"DAX": {10, 11, 12, 13}, "FTSE": {5, 6, 7, 8}}, s.valuesOf(v.Dataset)); diff != "" {
		t.Error(diff)
	}
	c := s.as(auth.Secretary)
	wide, err := c.AppendDataset(t.Context(), "prices", 2, strings.NewReader("ds,DAX,SMI\n2024-01-05,14,3\n"), csvMedia, client.Reading{}, false)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string][]float64{"DAX": {10, 11, 12, 13, 14}, "FTSE": {5, 6, 7, 8}, "SMI": {3}}, s.valuesOf(wide.Dataset)); diff != "" {
		t.Error(diff)
	}
	for i, name := range []string{"DAX", "FTSE", "SMI"} {
		page, err := c.Assets(t.Context(), "prices", 3, i, 1)
		if err != nil || page.Items[0].Asset != name {
			t.Errorf("asset %d is %+v, %v, want %s", i, page.Items, err, name)
		}
	}
}

func TestAppendNeedsTheNewestVersion(t *testing.T) {
	t.Parallel()
	s := newService(t)
	if got := s.appended("", "*", rows4); got.status != http.StatusNotFound {
		t.Errorf("without a dataset: got %d", got.status)
	}
	s.upload("prices", smallCSV)
	if got := s.send("PATCH", "/v1/datasets/prices", rows4, "Content-Type", csvMedia); got.status != http.StatusPreconditionRequired || got.pointers()[0] != "If-Match" {
		t.Errorf("without If-Match: got %d, %s", got.status, got.body)
	}
	if got := s.appended("", `"7"`, rows4); got.status != http.StatusPreconditionFailed {
		t.Errorf("another version: got %d", got.status)
	}
	if got := s.appended("", `"1"`, rows4); got.status != http.StatusCreated {
		t.Fatalf("got %d, %s", got.status, got.body)
	}
	// The answer was lost: the same request finds that it was done.
	if got := s.appended("", `"1"`, rows4); got.status != http.StatusOK || versionIn(t, got).Version != 2 {
		t.Errorf("repeated: got %d, %s", got.status, got.body)
	}
	if got := s.appended("", `*`, rows4); got.status != http.StatusOK || versionIn(t, got).Version != 2 {
		t.Errorf("repeated for any version: got %d, %s", got.status, got.body)
	}
	if got := s.appended("", `"1"`, strings.Replace(rows4, ",8", ",9", 1)); got.status != http.StatusPreconditionFailed || !strings.Contains(got.body, `its ETag \"2\"`) {
		t.Errorf("other rows for the old version: got %d, %s", got.status, got.body)
	}
}

// Of several clients at once with rows of their own, one wins, and the others hear of it.
func TestAppendAtTheSameTime(t *testing.T) {
	t.Parallel()
	s := newService(t)
	s.upload("prices", smallCSV)
	c := s.as(auth.Secretary)
	const clients = 6
	status := make([]int, clients)
	var group sync.WaitGroup
	for i := range clients {
		group.Go(func() {
			rows := fmt.Sprintf("unique_id,ds,y\nDAX,2024-01-04,%d\n", 100+i)
			_, err := c.AppendDataset(t.Context(), "prices", 1, strings.NewReader(rows), csvMedia, client.Reading{}, false)
			status[i] = http.StatusCreated
			if p, ok := errors.AsType[*problem.Problem](err); ok {
				status[i] = p.Status
			} else if err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	counts := map[int]int{}
	for _, code := range status {
		counts[code]++
	}
	if diff := cmp.Diff(map[int]int{http.StatusCreated: 1, http.StatusPreconditionFailed: clients - 1}, counts); diff != "" {
		t.Error(diff)
	}
	if v, err := c.Version(t.Context(), "prices", 0); err != nil || v.Version != 2 {
		t.Errorf("the newest version is %d, %v", v.Version, err)
	}
}

func TestRowsThatCannotBeAppended(t *testing.T) {
	t.Parallel()
	s := newService(t)
	s.upload("prices", smallCSV)
	for name, c := range map[string]struct {
		query, rows string
		pointer     string
		detail      string
	}{
		"another value":     {"", "unique_id,ds,y\nDAX,2024-01-04,13\nFTSE,2024-01-03,9\n", "line 3", "the value at 2024-01-03 is 9, and the dataset has 7"},
		"before the end":    {"", "unique_id,ds,y\nDAX,2023-12-29,13\n", "line 2", "before the last value of the asset"},
		"steps":             {"", "unique_id,ds,y\nDAX,1,13\n", "", "of another kind"},
		"another column":    {"", "unique_id,ds,price\nDAX,2024-01-04,13\n", "value", `the dataset has "y", and the file "price"`},
		"no text":           {"", "unique_id,ds,y\nDAX,2024-01-04,x\n", "line 2", "x"},
		"an unknown x":      {"?x=promo", rows4, "x", "does not have"},
		"numbered":          {"?number_rows=true", "unique_id,y\nDAX,1\n", "number_rows", "go on"},
		"not this calendar": {"?freq=W-FRI", rows4, "freq", ""},
	} {
		got := s.appended(c.query, `"1"`, c.rows)
		if got.status != 422 || len(got.pointers()) == 0 || got.pointers()[0] != c.pointer || !strings.Contains(got.body, strings.ReplaceAll(c.detail, `"`, `\"`)) {
			t.Errorf("%s: got %d, %s", name, got.status, got.body)
		}
	}
	if got := s.appended("?value=price", `"1"`, "unique_id,ds,price\nDAX,2024-01-04,13\n"); got.status != http.StatusCreated {
		t.Errorf("a column that was named: got %d, %s", got.status, got.body)
	}
	got := s.appended("?replace=true", `"2"`, "unique_id,ds,y\nDAX,2024-01-02,99\nFTSE,2023-12-29,4\n")
	v := versionIn(t, got)
	if v.Audit.Replaced != 1 || v.Audit.From != "2023-12-29" {
		t.Errorf("got %+v", v.Audit)
	}
	if diff := cmp.Diff([]float64{10, 99, 12, 13}, s.valuesOf(v.Dataset)["DAX"]); diff != "" {
		t.Error(diff)
	}
	old := s.valuesOf(job.Dataset{Name: "prices", Version: 1})
	if diff := cmp.Diff([]float64{10, 11, 12}, old["DAX"]); diff != "" {
		t.Errorf("the old version changed: %s", diff)
	}
}

// Each column of prices, and each that is known in advance, goes on.
func TestAppendToEveryColumn(t *testing.T) {
	t.Parallel()
	s := newService(t)
	s.upload("prices", barsCSV)
	got := s.appended("", `"1"`, "symbol,date,open,high,low,close,adj_close,volume\nAAA,2024-01-05,13,15,12,14,7,1\n")
	v := versionIn(t, got)
	if v.Column != "close" || len(v.Further) != 4 || !cmp.Equal(s.valuesOf(v.Dataset)["AAA"], []float64{11, 12, 13, 14}) {
		t.Errorf("got %+v", v)
	}
	if got := s.valuesOf(job.Dataset{Name: "prices", Version: 2, Column: "adj_close"})["AAA"]; !cmp.Equal(got, []float64{5.5, 6, 6.5, 7}) {
		t.Errorf("adj_close is %v", got)
	}
	if got := s.appended("", `"2"`, "symbol,date,close\nAAA,2024-01-06,13\n"); got.status != 422 || got.pointers()[0] != "value" || !strings.Contains(got.body, "open") {
		t.Errorf("a file with one column: got %d, %s", got.status, got.body)
	}

	s.uploadX("sales", salesCSV, "promo", "price")
	c := s.as(auth.Secretary)
	// The price of B on 4 January was planned as 2, and became 3.
	sales := "unique_id,ds,y,promo,price\nA,2024-01-04,13,1,2\nB,2024-01-04,8,0,3\nA,2024-01-08,,0,1\nB,2024-01-05,,1,1\n"
	v, err := c.AppendDataset(t.Context(), "sales", 1, strings.NewReader(sales), csvMedia, client.Reading{}, false)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string][]float64{"A": {10, 11, 12, 13}, "B": {5, 6, 7, 8}}, s.valuesOf(v.Dataset)); diff != "" {
		t.Error(diff)
	}
	if got := s.valuesOf(job.Dataset{Name: "sales", Version: 2, Column: "promo"}); !cmp.Equal(got["A"], []float64{0, 1, 0, 1, 1, 0}) || !cmp.Equal(got["B"], []float64{0, 0, 1, 0, 1}) {
		t.Errorf("promo is %v", got)
	}
	if got := s.valuesOf(job.Dataset{Name: "sales", Version: 2, Column: "price"}); got["B"][3] != 3 {
		t.Errorf("price is %v", got)
	}
	wide := "ds,A,B,promo,price\n2024-01-05,14,9,0,1\n"
	if _, err := c.AppendDataset(t.Context(), "sales", 2, strings.NewReader(wide), csvMedia, client.Reading{}, false); err == nil || !strings.Contains(err.Error(), "numbers of each asset") {
		t.Errorf("columns of all assets: got %v", err)
	}
}

// A large dataset grows by what is new: the whole file comes from parts, with its SHA-256, ranges and entity tag, and jobs use it.
func TestAppendStoresWhatIsNew(t *testing.T) {
	t.Parallel()
	s := newService(t)
	var text bytes.Buffer
	text.WriteString("unique_id,ds,y\n")
	for a := range 40 {
		for k := range 400 {
			fmt.Fprintf(&text, "A%d,%d,%d\n", a, k+1, k%7+a)
		}
	}
	s.upload("prices", text.String())
	text.Reset()
	text.WriteString("unique_id,ds,y\n")
	for a := range 40 {
		fmt.Fprintf(&text, "A%d,401,%d\n", a, a)
	}
	v := versionIn(t, s.appended("", `"1"`, text.String()))
	if 100*v.StoredBytes > 10*v.Bytes || v.Bytes < 40*401*8 {
		t.Errorf("of %d bytes, %d are stored", v.Bytes, v.StoredBytes)
	}
	path := "/v1/datasets/prices/versions/2/file"
	whole := s.send("GET", path, "")
	part := s.send("GET", path, "", "Range", "bytes=100-199")
	if int64(len(whole.body)) != v.Bytes || whole.header.Get("ETag") != `"`+v.SHA256+`"` || part.status != http.StatusPartialContent || part.body != whole.body[100:200] {
		t.Errorf("got %d bytes with %s, and a part with %d", len(whole.body), whole.header.Get("ETag"), part.status)
	}
	if head := s.send("HEAD", path, ""); head.status != http.StatusOK || head.header.Get("Content-Length") != fmt.Sprint(v.Bytes) {
		t.Errorf("HEAD: got %d, %v", head.status, head.header)
	}
	j := spec()
	j.Dataset, j.Assets = "prices", []string{"A7"}
	if _, err := s.as(auth.Manager).CreateJob(t.Context(), j, ""); err != nil {
		t.Error(err)
	}
	files, err := os.ReadDir(s.data)
	if err != nil {
		t.Fatal(err)
	}
	total := int64(0)
	for _, f := range files {
		info, err := f.Info()
		if err != nil {
			t.Fatal(err)
		}
		total += info.Size()
	}
	first, err := s.as(auth.Secretary).Version(t.Context(), "prices", 1)
	if err != nil || total != first.StoredBytes+v.StoredBytes {
		t.Errorf("the directory has %d bytes, and the versions %d and %d, %v", total, first.StoredBytes, v.StoredBytes, err)
	}
}
