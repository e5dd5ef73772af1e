package api

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"foliocast/frontend/client"
	"foliocast/internal/auth"
	"foliocast/internal/job"
)

// salesCSV has business days, two days more of promo than of values, and a price that lacks one of A's days.
const salesCSV = `unique_id,ds,y,promo,price
A,2024-01-01,10,0,1
A,2024-01-02,11,1,
A,2024-01-03,12,0,1
A,2024-01-04,,1,2
A,2024-01-05,,1,2
B,2024-01-01,5,0,1
B,2024-01-02,6,0,1
B,2024-01-03,7,1,1
B,2024-01-04,,0,2
`

// uploadX uploads a file with columns that are known in advance.
func (s *service) uploadX(name, csv string, x ...string) client.Version {
	s.Helper()
	d, err := s.as(auth.Secretary).UploadDataset(s.Context(), name, strings.NewReader(csv), csvMedia, client.Reading{Value: "y", X: x})
	if err != nil {
		s.Fatal(err)
	}
	return d
}

func TestAVersionKeepsColumnsThatAreKnownInAdvance(t *testing.T) {
	t.Parallel()
	s := newService(t)
	d := s.uploadX("sales", salesCSV, "promo", "price")
	if d.Further != nil || len(d.X) != 2 || d.X[1].Audit.Missing.Count != 1 || d.X[1].Audit.Missing.First[0].Line != 3 || d.X[0].Audit.To != "2024-01-05" {
		t.Fatalf("the version is %+v", d)
	}
	if d.Audit.Missing.Count > 0 || !strings.Contains(strings.Join(d.Audit.Notes, "; "), `known in advance: "promo", "price"`) {
		t.Errorf("the audit is %+v", d.Audit)
	}
	want := map[string][]float64{"A": {0, 1, 0, 1, 1}, "B": {0, 0, 1, 0}}
	if diff := cmp.Diff(want, s.valuesOf(job.Dataset{Name: "sales", Version: 1, Column: "promo"})); diff != "" {
		t.Errorf("the stored column: %s", diff)
	}
	if again := s.uploadX("sales", salesCSV, "promo", "price"); again.Version != 1 {
		t.Errorf("the same file again is version %d", again.Version)
	}
	// Other future values are another scenario.
	if other := s.uploadX("sales", strings.Replace(salesCSV, "01-05,,1", "01-05,,0", 1), "promo", "price"); other.Version != 2 || other.SHA256 != d.SHA256 {
		t.Errorf("another scenario is version %d with the values %s, want 2 with %s", other.Version, other.SHA256, d.SHA256)
	}
	plain := s.upload("plain", "unique_id,ds,y,promo\nA,2024-01-01,10,0\n")
	if plain.X != nil || plain.Further != nil {
		t.Errorf("without x the version is %+v", plain)
	}
}

func TestAJobKeepsItsColumns(t *testing.T) {
	t.Parallel()
	s := newService(t)
	d := s.uploadX("sales", salesCSV, "promo", "price")
	spec := job.Spec{Dataset: "sales", Assets: []string{"B"}, Horizon: 1, X: []string{"price", "promo"}}
	made, err := s.as(auth.Manager).CreateJob(t.Context(), spec, "")
	if err != nil {
		t.Fatal(err)
	}
	var want []job.Dataset
	for _, i := range []int{1, 0} {
		c := d.X[i]
		want = append(want, job.Dataset{Name: "sales", Version: 1, Column: c.Column, SHA256: c.SHA256, Bytes: c.Bytes})
	}
	read, err := s.as(auth.Manager).Job(t.Context(), made.ID)
	if err != nil {
		t.Fatal(err)
	}
	for _, got := range [][]job.Dataset{made.X, read.X} {
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("the columns of the job (-want +got)\n%s", diff)
		}
	}
	stored, err := s.store.Job(t.Context(), made.ID)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, stored.Task().X); diff != "" {
		t.Errorf("the columns of the task (-want +got)\n%s", diff)
	}
	spec.X = nil
	if changed, err := s.as(auth.Manager).UpdateJob(t.Context(), made.ID, read.ETag, spec); err != nil || changed.X != nil {
		t.Errorf("the job without columns has %+v, %v", changed.X, err)
	}
}

func TestColumnsThatAJobCannotHave(t *testing.T) {
	t.Parallel()
	s := newService(t)
	s.uploadX("sales", salesCSV, "promo", "price")
	s.upload("prices", smallCSV)
	for name, c := range map[string]struct{ body, pointer, detail string }{
		"unknown": {`{"dataset":"sales","assets":["A"],"horizon":1,"x":["promotion"]}`, "/x/0",
			`dataset sales@1 has no column "promotion" that is known in advance, only promo, price`},
		"none": {`{"dataset":"prices","assets":["DAX"],"horizon":1,"x":["promo"]}`, "/x/0",
			`dataset prices@1 has no column "promo" that is known in advance: an upload names them with x`},
		"beyond its end": {`{"dataset":"sales","assets":["A"],"horizon":3,"x":["promo"]}`, "/x/0",
			`column "promo" has no value for asset "A" at 2024-01-08, but only to 2024-01-05: the forecast needs its future values, and this is that of step 3`},
		"missing inside": {`{"dataset":"sales","assets":["A"],"horizon":1,"x":["promo","price"]}`, "/x/1",
			`column "price" has no value for asset "A" at 2024-01-02`},
		"for one of all": {`{"dataset":"sales","assets":["*"],"horizon":2,"x":["promo"]}`, "/x/0",
			`column "promo" has no value for asset "B" at 2024-01-05, but only to 2024-01-04: the forecast needs its future values, and this is that of step 2`},
		"for several": {`{"dataset":"sales","assets":["*"],"horizon":3,"x":["promo"]}`, "/x/0",
			`column "promo" has no value for asset "A" at 2024-01-08, but only to 2024-01-05: the forecast needs its future values, and this is that of step 3; it lacks values for 1 more of the assets`},
		"resampled": {`{"dataset":"sales","assets":["B"],"horizon":1,"x":["promo"],"freq":"W","resample":"sum"}`, "/x",
			"cannot be resampled: leave resample out, and give the dataset the frequency of the forecast"},
		"a backtest": {`{"dataset":"sales","assets":["A"],"kind":"backtest","origins":1,"horizon":1,"x":["promo","price"]}`, "/x/1",
			`column "price" has no value for asset "A" at 2024-01-02`},
		"twice": {`{"dataset":"sales","assets":["B"],"horizon":1,"x":["promo","promo"]}`, "/x/1", `names "promo" twice`},
	} {
		got := s.send("POST", "/v1/jobs", c.body, "Content-Type", "application/json")
		if got.status != http.StatusUnprocessableEntity || len(got.problem.Faults) != 1 || got.problem.Faults[0].Pointer != c.pointer || got.problem.Faults[0].Detail != c.detail {
			t.Errorf("%s: got %d %s", name, got.status, got.body)
		}
	}
	for name, body := range map[string]string{
		"a horizon of a million": `{"dataset":"sales","assets":["A"],"horizon":1000000,"x":["promo"]}`,
		"no name":                `{"dataset":"sales","assets":["A"],"horizon":1,"x":[""]}`,
		"a range without values": `{"dataset":"sales","assets":["A"],"horizon":1,"x":["promo"],"from":"2030-01-01"}`,
	} {
		if got := s.send("POST", "/v1/jobs", body, "Content-Type", "application/json"); got.status != http.StatusUnprocessableEntity {
			t.Errorf("%s: got %d %s", name, got.status, got.body)
		}
	}
}

func TestUploadsWithColumnsThatTheyLack(t *testing.T) {
	t.Parallel()
	s := newService(t)
	for name, c := range map[string]struct{ csv, query string }{
		"unknown":     {salesCSV, "value=y&x=promotion"},
		"blank":       {salesCSV, "value=y&x=%20"},
		"the value":   {salesCSV, "value=y&x=y"},
		"the time":    {salesCSV, "value=y&x=ds"},
		"the asset":   {salesCSV, "value=y&x=unique_id"},
		"no number":   {strings.Replace(salesCSV, "11,1,", "11,yes,", 1), "value=y&x=promo"},
		"zero bytes":  {strings.Replace(salesCSV, "promo", "pro\x00mo", 1), "value=y&x=" + url.QueryEscape("pro\x00mo")},
		"without any": {strings.ReplaceAll(strings.ReplaceAll(salesCSV, ",0,", ",,"), ",1,", ",,"), "value=y&x=promo"},
	} {
		got := s.send("POST", "/v1/datasets/sales?"+c.query, c.csv, "Content-Type", csvMedia)
		if got.status != http.StatusUnprocessableEntity {
			t.Errorf("%s: got %d %s", name, got.status, got.body)
		}
	}
}
