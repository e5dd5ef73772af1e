package api

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"foliocast/internal/auth"
	"foliocast/internal/forecasttable"
	"foliocast/internal/forecasttable/tabletest"
	"foliocast/internal/job"
	"foliocast/internal/problem"
	"foliocast/internal/serve/servetest"
	"foliocast/queue/message"
)

// ended submits a job and lets it end with a result.
func (s *service) ended(r func(job.ID) message.Result, parts ...string) job.ID {
	s.Helper()
	s.deliver()
	s.upload("prices", smallCSV)
	j := s.submit()
	s.end(j.ID, r(j.ID), parts...)
	return j.ID
}

// end lets a job end with a result.
func (s *service) end(id job.ID, r message.Result, parts ...string) {
	s.Helper()
	s.sent(id)
	s.queue.End(string(id), r, parts...)
	servetest.Until(s.TB, "it has ended", func() bool {
		got, err := s.store.Job(s.Context(), id)
		return err == nil && got.State.Final()
	})
}

// The rows of the portfolio have no name.
const wantCSV = `unique_id,ds,model,mean,lo-80,hi-80,lo-95,hi-95,members
DAX,2024-01-04,trend,13,12,14,11,15,
DAX,2024-01-05,trend,14,13,15,12,16,
FTSE,2024-01-04,naive,7,,,,,
FTSE,2024-01-05,naive,7,,,,,
,2024-01-04,,10,9,11,8,12,
,2024-01-05,,10.5,9.5,11.5,8.5,12.5,
`

func TestResult(t *testing.T) {
	t.Parallel()
	s := newService(t)
	id := s.ended(doneResult)
	c := s.as(auth.Manager)
	got, err := c.Answer(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(answerFor(id), got); d != "" {
		t.Error(d)
	}
	var b bytes.Buffer
	if err := c.Result(t.Context(), id, "text/csv", &b); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(wantCSV, b.String()); d != "" {
		t.Error(d)
	}
}

// A table has the quantiles that the job asks for, also where an older worker made the answer, without them.
func TestResultWithQuantiles(t *testing.T) {
	t.Parallel()
	s := newService(t)
	s.deliver()
	s.upload("prices", smallCSV)
	c := s.as(auth.Manager)
	for name, quantiles := range map[string]map[string][]float64{"new": {"0.1": {10, 10.5}, "0.9": {15, 16}}, "old": nil} {
		asked := spec()
		asked.Model, asked.Levels, asked.Quantiles = "trend", []float64{80}, []float64{0.9, 0.1}
		j, err := c.CreateJob(t.Context(), asked, "")
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(asked.Quantiles, j.Spec.Quantiles); d != "" {
			t.Error(d)
		}
		answer := answerFor(j.ID)
		answer.Overall.Quantiles, answer.Assets[0].Quantiles = quantiles, quantiles
		text, err := json.Marshal(answer)
		if err != nil {
			t.Fatal(err)
		}
		s.end(j.ID, message.Result{Outcome: message.Completed, Result: text})
		got, err := c.Answer(t.Context(), j.ID)
		if d := cmp.Diff(answer, got); d != "" || err != nil {
			t.Errorf("%s: %v %s", name, err, d)
		}
		want := "DAX,2024-01-04,trend,13,12,14,10,15\nDAX,2024-01-05,trend,14,13,15,10.5,16\nFTSE,2024-01-04,naive,7,,,,\nFTSE,2024-01-05,naive,7,,,,\n" +
			",2024-01-04,,10,9,11,10,15\n,2024-01-05,,10.5,9.5,11.5,10.5,16\n"
		if quantiles == nil {
			want = "DAX,2024-01-04,trend,13,12,14,,\nDAX,2024-01-05,trend,14,13,15,,\nFTSE,2024-01-04,naive,7,,,,\nFTSE,2024-01-05,naive,7,,,,\n" +
				",2024-01-04,,10,9,11,,\n,2024-01-05,,10.5,9.5,11.5,,\n"
		}
		var b bytes.Buffer
		err = c.Result(t.Context(), j.ID, "text/csv", &b)
		if d := cmp.Diff("unique_id,ds,model,mean,lo-80,hi-80,q-0.1,q-0.9\n"+want, b.String()); d != "" || err != nil {
			t.Errorf("%s: %v %s", name, err, d)
		}
	}
}

// Package formats has the tests of what is in the formats: all have the rows of CSV.
func TestResultInOtherFormats(t *testing.T) {
	t.Parallel()
	s := newService(t)
	id := s.ended(doneResult)
	want, err := tabletest.Read(forecasttable.CSV, []byte(wantCSV))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range []forecasttable.Format{forecasttable.Arrow, forecasttable.ArrowStream, forecasttable.Parquet} {
		var body bytes.Buffer
		if err := s.as(auth.Manager).Result(t.Context(), id, f.MediaType(), &body); err != nil {
			t.Fatal(err)
		}
		got, err := tabletest.Read(f, body.Bytes())
		if d := cmp.Diff(want, got); d != "" || err != nil {
			t.Errorf("%s: %v (-want +got)\n%s", f, err, d)
		}
	}
}

// Only the result is read: the dataset may be missing.
func TestResultOutlivesItsDataset(t *testing.T) {
	t.Parallel()
	s := newService(t)
	id := s.ended(doneResult)
	files, err := filepath.Glob(filepath.Join(s.data, "*.arrow"))
	if err != nil || len(files) != 1 {
		t.Fatalf("the data directory has %v, %v, want one file", files, err)
	}
	if err := os.Remove(files[0]); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := s.as(auth.Manager).Result(t.Context(), id, "text/csv", &b); err != nil || b.String() != wantCSV {
		t.Errorf("got %q, %v", b.String(), err)
	}
}

// Earlier versions stored answers without times.
func TestResultOfAnEarlierVersion(t *testing.T) {
	t.Parallel()
	s := newService(t)
	id := s.ended(func(id job.ID) message.Result {
		return message.Result{Outcome: message.Completed, Result: json.RawMessage(fmt.Sprintf(
			`{"job":%q,"state":"done","overall":{"mean":[10]},"assets":[{"asset":"DAX","model":"trend","mean":[10],"skill":null,"error":null}],"provenance":{}}`, id))}
	})
	c := s.as(auth.Manager)
	if got, err := c.Answer(t.Context(), id); err != nil || len(got.Assets) != 1 || got.Assets[0].Mean[0] != 10 {
		t.Errorf("as JSON: got %+v, %v", got, err)
	}
	var b bytes.Buffer
	err := c.Result(t.Context(), id, "text/csv", &b)
	if !problem.Is(err, problem.NotAcceptable) || !strings.Contains(err.Error(), "without the times") {
		t.Errorf("as CSV: got %q, %v", b.String(), err)
	}
}

// A result in parts is the same to its reader as one in one piece.
func TestResultInParts(t *testing.T) {
	t.Parallel()
	s := newService(t)
	var parts []string
	for _, a := range answerFor("").Assets {
		text, err := json.Marshal([]job.Asset{a})
		if err != nil {
			t.Fatal(err)
		}
		parts = append(parts, string(text), " [ ] ", "null")
	}
	id := s.ended(func(id job.ID) message.Result {
		a := answerFor(id)
		a.Assets = nil
		text, err := json.Marshal(a)
		if err != nil {
			t.Fatal(err)
		}
		return message.Result{Outcome: message.Completed, Result: text}
	}, parts...)
	c := s.as(auth.Manager)
	got, err := c.Answer(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(answerFor(id), got); d != "" {
		t.Error(d)
	}
	var b bytes.Buffer
	if err := c.Result(t.Context(), id, "text/csv", &b); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(wantCSV, b.String()); d != "" {
		t.Error(d)
	}
}

func TestNoResult(t *testing.T) {
	t.Parallel()
	s := newService(t)
	id := s.ended(func(job.ID) message.Result { return message.Result{Outcome: message.Failed, Error: "no such model"} })
	c := s.as(auth.Manager)
	if _, err := c.Answer(t.Context(), id); !problem.Is(err, problem.NotFound) || !strings.Contains(err.Error(), "no such model") {
		t.Errorf("a failed job: got %v", err)
	}
	if _, err := c.Answer(t.Context(), s.submit().ID); !problem.Is(err, problem.Conflict) {
		t.Errorf("a job under way: got %v", err)
	}
	if _, err := c.Answer(t.Context(), "00000000-0000-7000-8000-000000000000"); !problem.Is(err, problem.NotFound) {
		t.Errorf("no such job: got %v", err)
	}
}

// A calculation that failed may say so for each asset.
func TestResultOfAFailedJob(t *testing.T) {
	t.Parallel()
	s := newService(t)
	id := s.ended(func(id job.ID) message.Result {
		return message.Result{Outcome: message.Completed, Result: json.RawMessage(fmt.Sprintf(
			`{"job":%q,"state":"failed","overall":null,"assets":[{"asset":"DAX","skill":null,"error":{"code":"stale","detail":"too old"}}],"error":{"code":"stale","detail":"too old"},"provenance":{}}`, id))}
	})
	got, err := s.as(auth.Manager).Answer(t.Context(), id)
	if err != nil || got.State != job.Failed || len(got.Assets) != 1 || got.Assets[0].Error.Code != "stale" {
		t.Errorf("got %+v, %v", got, err)
	}
	csv := s.send("GET", "/v1/jobs/"+string(id)+"/result", "", "Accept", "text/csv")
	if csv.body != "unique_id,ds,model,mean,lo-80,hi-80,lo-95,hi-95,members\n" {
		t.Errorf("got %d: %q", csv.status, csv.body)
	}
}

func TestAccept(t *testing.T) {
	t.Parallel()
	s := newService(t)
	id := s.ended(doneResult)
	const jsonMedia, streamMedia = "application/json", "application/vnd.apache.arrow.stream"
	for accept, want := range map[string]string{
		"*/*": jsonMedia, "application/*": jsonMedia, "text/*": csvMedia, "text/csv;q=0.5, application/json;q=0.4": csvMedia,
		streamMedia: streamMedia, "image/png": "", "text/csv;q=0": "", "nonsense": "", "text/html, */*;q=0.1": jsonMedia,
		parquetMedia: parquetMedia, "application/json; charset=UTF-8": jsonMedia, "text/csv;charset=latin1": "",
		"*/*, application/json;q=0": csvMedia, "text/*;q=0.3, text/csv;q=0.7, application/json;q=0.5": csvMedia,
	} {
		got := s.send("GET", "/v1/jobs/"+string(id)+"/result", "", "Accept", accept)
		switch {
		case want == "" && got.status != http.StatusNotAcceptable:
			t.Errorf("%s: got %d", accept, got.status)
		case want != "" && (got.status != http.StatusOK || got.header.Get("Content-Type") != want):
			t.Errorf("%s: got %d, %s, want %s", accept, got.status, got.header.Get("Content-Type"), want)
		}
	}
}

// Half a result must not look like a whole result.
func TestInterruptedResult(t *testing.T) {
	t.Parallel()
	s := newService(t)
	id := s.ended(func(id job.ID) message.Result {
		a := answerFor(id)
		a.Assets[1].DS = nil
		text, err := json.Marshal(a)
		if err != nil {
			t.Fatal(err)
		}
		return message.Result{Outcome: message.Completed, Result: text}
	})
	var b bytes.Buffer
	err := s.as(auth.Manager).Result(t.Context(), id, "text/csv", &b)
	if err == nil {
		t.Errorf("got %q for a whole result", b.String())
	}
	if !strings.Contains(s.log.String(), `\"FTSE\" has 2 means at 0 times`) {
		t.Error("the log does not say why")
	}
}

func FuzzNegotiate(f *testing.F) {
	for _, accept := range []string{"", "*/*", "text/csv;q=0.5, application/json;q=0.4", ";", ",,", "a/b;q=x", "text/csv;q=NaN"} {
		f.Add(accept)
	}
	f.Fuzz(func(t *testing.T, accept string) {
		offers := resultFormats()
		got, ok := negotiate(accept, offers)
		if ok != slices.Contains(offers, got) {
			t.Errorf("%q chose %q, which was not offered", accept, got)
		}
	})
}

func FuzzCursor(f *testing.F) {
	for _, text := range []string{"", "x", "MSww", "MTcwMDAwMDAwMDAwMDAwMCwwMDAwMDAwMC0wMDAwLTcwMDAtODAwMC0wMDAwMDAwMDAwMDA"} {
		f.Add(text, "-submitted")
	}
	const id = "00000000-0000-7000-8000-000000000000"
	for _, o := range job.Orders() {
		for _, fields := range []string{"1700000000000000," + id, "-1," + id, "1700000000000000,prices," + id} {
			f.Add(base64.RawURLEncoding.EncodeToString([]byte(string(o)+","+fields)), string(o))
		}
	}
	f.Fuzz(func(t *testing.T, text, order string) {
		o := job.Order(order)
		if !o.Known() {
			return
		}
		place, err := parseCursor(text, o)
		if err != nil || text == "" {
			return
		}
		again, err := parseCursor(cursorOf(place, o), o)
		if err != nil || again != place {
			t.Errorf("%q became %+v, and that %+v, %v", text, place, again, err)
		}
	})
}

func FuzzWait(f *testing.F) {
	for _, text := range []string{"", "30s", "1m", "-1s", "x", "1e9s", "9223372036854775807ns"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if wait, err := waitOf(text); err == nil && (wait < 0 || wait > longestWait) {
			t.Errorf("%q is %v", text, wait)
		}
	})
}

func FuzzIfMatch(f *testing.F) {
	for _, text := range []string{"", `"1"`, `W/"1"`, `*`, `"2", "1"`, `1`} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if matches(text, 1) && !strings.Contains(text, `"1"`) && !strings.Contains(text, "*") {
			t.Errorf("%q matches version 1", text)
		}
	})
}
