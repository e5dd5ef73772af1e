package api

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// recordsOf writes the rows of smallCSV and the like as records, one after the other.
func recordsOf(csv string) string {
	var b strings.Builder
	for _, row := range strings.Split(strings.TrimSpace(csv), "\n")[1:] {
		cells := strings.Split(row, ",")
		fmt.Fprintf(&b, `{"unique_id":%q,"ds":%q,"y":%s}`+"\n", cells[0], cells[1], cells[2])
	}
	return b.String()
}

// Records are the same version as CSV, however they come, and are appended as well.
func TestRecords(t *testing.T) {
	t.Parallel()
	s := newService(t)
	s.upload("prices", smallCSV)
	lines := recordsOf(smallCSV)
	array := "[" + strings.ReplaceAll(strings.TrimSpace(lines), "\n", ",") + "]"
	wide := `[{"ds":"2024-01-01","DAX":10,"FTSE":5},{"ds":"2024-01-02","DAX":11,"FTSE":6},{"ds":"2024-01-03","DAX":12,"FTSE":7}]`
	for name, c := range map[string]struct {
		query, body string
		headers     []string
	}{
		"an array":       {"", array, []string{"Content-Type", "application/json"}},
		"with a charset": {"", array, []string{"Content-Type", "application/json; charset=utf-8"}},
		"lines":          {"", lines, []string{"Content-Type", "application/x-ndjson"}},
		"packed":         {"", gzipped(t, lines), []string{"Content-Type", "application/x-ndjson", "Content-Encoding", "gzip"}},
		"by a parameter": {"?format=json", array, []string{"Content-Type", "application/octet-stream"}},
		"by its name":    {"?filename=prices.jsonl.gz", gzipped(t, lines), []string{"Content-Type", "application/gzip"}},
		"wide":           {"", wide, []string{"Content-Type", "application/json"}},
	} {
		if got := s.send("POST", "/v1/datasets/prices"+c.query, c.body, c.headers...); got.status != http.StatusOK {
			t.Errorf("%s: got %d, %s, want the version of the CSV", name, got.status, got.body)
		}
	}
	got := s.send("PATCH", "/v1/datasets/prices", recordsOf(rows4), "Content-Type", "application/x-ndjson", "If-Match", `"1"`)
	if diff := cmp.Diff(map[string][]float64{"DAX": {10, 11, 12, 13}, "FTSE": {5, 6, 7, 8}}, s.valuesOf(versionIn(t, got).Dataset)); diff != "" {
		t.Error(diff)
	}
}

func TestRecordsWithFaults(t *testing.T) {
	t.Parallel()
	s := newService(t)
	const first = `{"unique_id":"A","ds":"2024-01-01","y":1}`
	for name, c := range map[string]struct {
		body     string
		pointers []string
		detail   string
	}{
		"text for values": {"[" + first + `,{"unique_id":"A","ds":"2024-01-02","y":"x"},{"unique_id":"A","ds":"2024-01-03","y":"z"}]`, []string{"record 2", "record 3"}, `column \"y\"`},
		"duplicates":      {first + first[:len(first)-2] + "2}", []string{"record 2"}, "record 1 already has the time"},
		"columns":         {`{"ds":["2024-01-01"],"A":[1]}`, []string{"record 1", "record 1"}, "is an array"},
		"not JSON":        {"[" + first, []string{"record 1"}, "breaks off"},
		"CSV":             {smallCSV, []string{""}, "neither an array of objects"},
		"nothing":         {"[]", []string{""}, "no records"},
	} {
		got := s.send("POST", "/v1/datasets/p", c.body, "Content-Type", "application/json")
		if got.status != 422 || !cmp.Equal(got.pointers(), c.pointers) || !strings.Contains(got.body, c.detail) {
			t.Errorf("%s: got %d, %s", name, got.status, got.body)
		}
	}
	if got := s.send("POST", "/v1/datasets/p?decimal=,", first, "Content-Type", "application/json"); got.status != 422 || got.pointers()[0] != "decimal" {
		t.Errorf("a decimal comma: got %d, %s", got.status, got.body)
	}
}
