package api

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"foliocast/internal/auth"
	"foliocast/internal/job"
	"foliocast/internal/series"
	"foliocast/internal/series/seriestest"
	"foliocast/queue/message"
)

// A spreadsheet that opens an answer as CSV runs no name as a formula (OWASP, CSV Injection); numbers stay numbers, and reading
// the file again gives the names.
func TestNamesAreNoFormulas(t *testing.T) {
	t.Parallel()
	s := newService(t)
	names := []string{`=HYPERLINK("http://x","y")`, "+1", "-2", "@ES", "'=x", "''@y", "'plain", "DAX"}
	id := s.ended(func(id job.ID) message.Result {
		a := answerFor(id)
		a.Assets = nil
		for _, name := range names {
			a.Assets = append(a.Assets, job.Asset{Asset: name, Model: "=1+1", DS: []string{"2024-01-04", "2024-01-05"}, Mean: []float64{-7, 8}})
		}
		text, err := json.Marshal(a)
		if err != nil {
			t.Fatal(err)
		}
		return message.Result{Outcome: message.Completed, Result: text}
	})
	var b bytes.Buffer
	if err := s.as(auth.Manager).Result(t.Context(), id, "text/csv", &b); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(bytes.NewReader(b.Bytes())).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows[1:] {
		for _, text := range []string{row[0], row[2]} {
			if strings.ContainsAny(text[:1], "=+-@\t\r") {
				t.Errorf("the cell %q is a formula", text)
			}
		}
		if row[3] != "-7" && row[3] != "8" {
			t.Errorf("the number is %q", row[3])
		}
	}
	table, _ := seriestest.ReadText(t, b.String(), series.Options{ID: "unique_id", Time: "ds", Value: "mean"})
	guarded := []string{`'=HYPERLINK("http://x","y")`, "'+1", "'-2", "'@ES", "''=x", "'''@y", "'plain", "DAX"}
	if got := table.Names(); !slices.Equal(got, guarded) {
		t.Errorf("read again: got %q, want %q", got, guarded)
	}
	var answer job.Answer
	if answer, err = s.as(auth.Manager).Answer(t.Context(), id); err != nil || answer.Assets[0].Asset != names[0] {
		t.Errorf("JSON: got %q, %v", answer.Assets[0].Asset, err)
	}
}
