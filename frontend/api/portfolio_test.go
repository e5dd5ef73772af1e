package api

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"foliocast/internal/auth"
	"foliocast/internal/job"
)

const (
	euroCSV = "unique_id,ds,y\nEURUSD,2024-01-01,1.1\nEURUSD,2024-01-02,1.1\nEURUSD,2024-01-03,1.2\n"
	// portfolioJob begins a job about smallCSV whose faults are in what is appended.
	portfolioJob = `{"dataset":"prices","assets":["DAX","FTSE"],"horizon":1,`
)

// A job keeps the version of its rates: a later upload does not change what it is about.
func TestAJobKeepsTheVersionOfItsRates(t *testing.T) {
	t.Parallel()
	s := newService(t)
	s.upload("prices", smallCSV)
	first := s.upload("fx", euroCSV).Dataset
	spec := spec()
	spec.Combine, spec.Holdings = job.Value, map[string]float64{"DAX": 2, "FTSE": -1}
	spec.Currency, spec.Base, spec.Rates = map[string]string{"DAX": "EUR"}, "USD", "fx"
	j, err := s.as(auth.Manager).CreateJob(t.Context(), spec, "")
	if err != nil {
		t.Fatal(err)
	}
	s.upload("fx", euroCSV+"EURUSD,2024-01-04,1.3\n")
	read, err := s.as(auth.Manager).Job(t.Context(), j.ID)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(&first, read.Rates); d != "" {
		t.Errorf("the rates (-want +got)\n%s", d)
	}
	spec.Rates = "fx@2"
	changed, err := s.as(auth.Manager).UpdateJob(t.Context(), j.ID, read.ETag, spec)
	if err != nil {
		t.Fatal(err)
	}
	if changed.Rates == nil || changed.Rates.Version != 2 {
		t.Errorf("the changed job is about %+v, want version 2", changed.Rates)
	}
	spec = job.Spec{Dataset: "prices", Assets: []string{"DAX"}, Horizon: 1}
	if changed, err = s.as(auth.Manager).UpdateJob(t.Context(), j.ID, changed.ETag, spec); err != nil || changed.Rates != nil {
		t.Errorf("the job without rates is about %+v, %v", changed.Rates, err)
	}
}

func TestPortfoliosWithFaults(t *testing.T) {
	t.Parallel()
	s := newService(t)
	s.upload("prices", smallCSV)
	s.upload("fx", euroCSV)
	for name, c := range map[string]struct {
		fields   string
		pointers []string
	}{
		"value without holdings":  {`"combine":"value"}`, []string{"/holdings"}},
		"a holding missing":       {`"combine":"value","holdings":{"DAX":1}}`, []string{"/holdings"}},
		"a holding of nothing":    {`"combine":"value","holdings":{"DAX":1,"FTSE":1,"A.B":1}}`, []string{"/holdings/A.B"}},
		"a holding of words":      {`"combine":"value","holdings":{"DAX":"ten","FTSE":1}}`, []string{"/holdings"}},
		"weights and value":       {`"combine":"value","holdings":{"DAX":1,"FTSE":1},"weights":{"DAX":1,"FTSE":1}}`, []string{"/weights"}},
		"no such combination":     {`"combine":"sum"}`, []string{"/combine"}},
		"no base":                 {`"currency":{"DAX":"EUR"},"rates":"fx"}`, []string{"/base"}},
		"no rates":                {`"currency":{"DAX":"EUR"},"base":"USD"}`, []string{"/rates"}},
		"rates that do not exist": {`"currency":{"DAX":"EUR"},"base":"USD","rates":"forex"}`, []string{"/rates"}},
		"rates that lack a pair":  {`"currency":{"DAX":"EUR","FTSE":"GBP"},"base":"USD","rates":"fx"}`, []string{"/rates"}},
		"a currency of nothing":   {`"currency":{"A.B":"EUR"},"base":"USD","rates":"fx"}`, []string{"/currency/A.B"}},
		"a patience of words":     {`"stale":"soon"}`, []string{"/stale"}},
		"no such policy":          {`"missing":"guess"}`, []string{"/missing"}},
		"resampled to nothing":    {`"resample":"last"}`, []string{"/resample"}},
		"months of days":          {`"freq":"MS"}`, []string{"/freq"}},
		"as of no time":           {`"as_of":"soon"}`, []string{"/as_of"}},
		"as of before all":        {`"as_of":"2020-01-01"}`, []string{"/as_of"}},
		"from after as_of":        {`"as_of":"2024-01-02","from":"2024-01-03"}`, []string{"/from"}},
	} {
		got := s.send("POST", "/v1/jobs", portfolioJob+c.fields, "Content-Type", "application/json")
		if got.status != http.StatusUnprocessableEntity {
			t.Errorf("%s: got %d: %s", name, got.status, got.body)
		}
		if d := cmp.Diff(c.pointers, got.pointers()); d != "" {
			t.Errorf("%s: (-want +got)\n%s\n%s", name, d, got.body)
		}
	}
}
