package api

import (
	"bytes"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"foliocast/frontend/client"
	"foliocast/internal/auth"
	"foliocast/internal/job"
	"foliocast/internal/problem"
	"foliocast/internal/series"
	"foliocast/internal/series/arrow"
)

// barsCSV has different values in each column, and a volume that is not a number.
const barsCSV = `symbol,date,open,high,low,close,adj_close,volume
AAA,2024-01-02,10,12,9,11,5.5,many
AAA,2024-01-03,11,13,10,12,6,many
AAA,2024-01-04,12,14,11,13,6.5,many
`

// valuesOf fetches the file of a dataset and reads it.
func (s *service) valuesOf(d job.Dataset) map[string][]float64 {
	s.Helper()
	var b bytes.Buffer
	if err := s.as(auth.Manager).DatasetFile(s.Context(), d, &b); err != nil {
		s.Fatal(err)
	}
	table, _, err := arrow.Read(b.Bytes(), series.Options{})
	if err != nil {
		s.Fatal(err)
	}
	values := map[string][]float64{}
	for i, name := range table.Names() {
		values[name] = slices.Clone(table.Values(i))
	}
	return values
}

// A version keeps every column of prices, and says why it lacks one.
func TestAVersionKeepsItsColumns(t *testing.T) {
	t.Parallel()
	s := newService(t)
	d := s.upload("prices", barsCSV)
	if d.Column != "close" || d.Version != 1 {
		t.Errorf("got column %q of version %d, want close of 1", d.Column, d.Version)
	}
	if again := s.upload("prices", barsCSV); again.Version != 1 {
		t.Errorf("the same file again is version %d", again.Version)
	}
	want := map[string][]float64{"open": {10, 11, 12}, "high": {12, 13, 14}, "low": {9, 10, 11}, "adj_close": {5.5, 6, 6.5}, "close": {11, 12, 13}}
	got := map[string][]float64{"close": s.valuesOf(d.Dataset)["AAA"]}
	for _, c := range d.Further {
		got[c.Column] = s.valuesOf(job.Dataset{Name: "prices", Version: 1, Column: c.Column})["AAA"]
		adjusted := strings.Contains(strings.Join(c.Audit.Notes, "\n"), "by its name, the column is adjusted")
		if adjusted != (c.Column == "adj_close") || c.Audit.Column != c.Column || c.Audit.Values != 3 {
			t.Errorf("the audit of %s is %+v", c.Column, c.Audit)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	notes := strings.Join(d.Audit.Notes, "\n")
	if !strings.Contains(notes, `jobs cannot choose the column volume, which cannot be read: line 2 column "volume"`) {
		t.Errorf("the notes are %s", notes)
	}
	page, err := s.as(auth.Manager).Versions(t.Context(), "prices", 0, 1)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(d, page.Items[0]); diff != "" {
		t.Errorf("shown: %s", diff)
	}
	if files, _ := filepath.Glob(filepath.Join(archiveDir(t, s), "*.arrow")); len(files) != 5 {
		t.Errorf("the archive has %d files, want one for each column", len(files))
	}
}

// A file whose values leave no choice is one file of the archive, as ever.
func TestAVersionWithoutColumns(t *testing.T) {
	t.Parallel()
	s := newService(t)
	for name, column := range map[string]string{smallCSV: "y", "date,A,B\n2024-01-02,1,2\n2024-01-03,2,3\n": ""} {
		if d := s.upload("prices", name); d.Column != column || d.Further != nil {
			t.Errorf("got column %q and %v, want %q alone", d.Column, d.Further, column)
		}
	}
	if files, _ := filepath.Glob(filepath.Join(archiveDir(t, s), "*.arrow")); len(files) != 2 {
		t.Errorf("the archive has %d files, want one for each version", len(files))
	}
}

// The asset of a file without names is called the same in each column.
func TestTheAssetOfUnnamedBars(t *testing.T) {
	t.Parallel()
	s := newService(t)
	const unnamed = "Date,Open,High,Low,Close,Adj Close,Volume\n2024-01-02,1,2,3,4,5,6\n2024-01-03,1,2,3,4,5,7\n"
	for asset, reading := range map[string]client.Reading{"Close": {}, "AAPL": {AssetName: "AAPL"}} {
		d, err := s.as(auth.Secretary).UploadDataset(t.Context(), strings.ToLower(asset), strings.NewReader(unnamed), csvMedia, reading)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range d.Further {
			if got := s.valuesOf(job.Dataset{Name: d.Name, Version: 1, Column: c.Column}); len(got[asset]) != 2 || len(got) != 1 {
				t.Errorf("%s: %s has %v", asset, c.Column, got)
			}
		}
		if len(d.Further) != 5 {
			t.Errorf("%s: got %d further columns, want 5", asset, len(d.Further))
		}
	}
}

// A job means the column that it names, in any spelling, and the version's own otherwise.
func TestAJobChoosesAColumn(t *testing.T) {
	t.Parallel()
	s := newService(t)
	d, err := s.as(auth.Secretary).UploadDataset(t.Context(), "prices", strings.NewReader(barsCSV), csvMedia, client.Reading{Value: "Adj Close"})
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{d.Column: d.SHA256}
	for _, c := range d.Further {
		files[c.Column] = c.SHA256
	}
	spec := job.Spec{Dataset: "prices", Assets: []string{"AAA"}, Horizon: 1}
	for asked, column := range map[string]string{"": "adj_close", "adj_close": "adj_close", "Adj Close*": "adj_close", "ADJUSTED": "adj_close",
		"close": "close", "Close": "close", " c l o s e": "close", "open": "open"} {
		spec.Column = asked
		j, err := s.as(auth.Manager).CreateJob(t.Context(), spec, "")
		if err != nil {
			t.Fatalf("%q: %v", asked, err)
		}
		if j.Dataset.Column != column || j.Dataset.SHA256 != files[column] || j.Dataset.SHA256 == "" {
			t.Errorf("%q: the job is about %+v, want the file of %s", asked, j.Dataset, column)
		}
		if j.Spec.Column != asked {
			t.Errorf("the specification has %q, want %q", j.Spec.Column, asked)
		}
	}
	spec.Column = "low"
	j, err := s.as(auth.Manager).CreateJob(t.Context(), spec, "")
	if err != nil {
		t.Fatal(err)
	}
	spec.Column = "high"
	changed, err := s.as(auth.Manager).UpdateJob(t.Context(), j.ID, j.ETag, spec)
	if err != nil {
		t.Fatal(err)
	}
	if changed.Dataset.SHA256 != files["high"] {
		t.Errorf("the changed job is about %+v, want the file of high", changed.Dataset)
	}
}

func TestColumnsThatAreNotThere(t *testing.T) {
	t.Parallel()
	s := newService(t)
	s.upload("bars", barsCSV)
	s.upload("long", smallCSV)
	s.upload("wide", "date,DAX\n2024-01-02,1\n2024-01-03,2\n")
	for _, c := range []struct{ dataset, column, detail string }{
		{"bars", "volume", `dataset bars@1 has no column "volume", only close, open, high, low, adj_close`},
		{"bars", "AAA", `dataset bars@1 has no column "AAA", only close, open, high, low, adj_close`},
		{"long", "close", `dataset long@1 has no column "close", only y`},
		{"wide", "close", "must be absent: dataset wide@1 does not say which column"},
		{"wide", "**", "must be absent: dataset wide@1 does not say which column"},
		{"bars", strings.Repeat("x", 201), "must have at most 200 characters"},
	} {
		got := s.send("POST", "/v1/jobs", `{"dataset":"`+c.dataset+`","assets":["*"],"horizon":1,"column":"`+c.column+`"}`, "Content-Type", "application/json")
		if got.status != http.StatusUnprocessableEntity || !slices.Contains(got.pointers(), "/column") || !strings.Contains(strings.ReplaceAll(got.body, `\"`, `"`), c.detail) {
			t.Errorf("%s of %s: got %d: %s, want one that says %s", c.column, c.dataset, got.status, got.body, c.detail)
		}
	}
	err := s.as(auth.Manager).DatasetFile(t.Context(), job.Dataset{Name: "bars", Version: 1, Column: "vwap"}, new(bytes.Buffer))
	if !problem.Is(err, problem.NotFound) {
		t.Errorf("got %v, want not-found", err)
	}
	if got := s.send("GET", "/v1/datasets/bars/assets?column=open", ""); got.status != http.StatusOK || !strings.Contains(got.body, `"column":"open"`) {
		t.Errorf("got %d: %s", got.status, got.body)
	}
}
