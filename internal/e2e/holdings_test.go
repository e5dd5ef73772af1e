package e2e

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"foliocast/internal/job"
	"foliocast/internal/problem"
)

// holdings forecasts what a portfolio is worth: two units of A in euros and a
// short one of B in dollars, by adjusted closes, at New York's next sessions.
func (c *cluster) holdings(t *testing.T) {
	bars, rates := "ticker,date,open,high,low,close,adj_close\n", "date,EURUSD\n"
	for day := range 14 {
		date := time.Date(2024, 3, 15+day, 0, 0, 0, 0, time.UTC)
		if date.Weekday() == time.Saturday || date.Weekday() == time.Sunday {
			continue
		}
		when := date.Format(time.DateOnly)
		for ticker, last := range map[string]float64{"A": 40, "B": 30} {
			v := last - 13 + float64(day)
			bars += fmt.Sprintf("%s,%s,%v,%v,%v,%v,%v\n", ticker, when, v, v+1, v-1, v, v/2)
		}
		rates += fmt.Sprintf("%s,%v\n", when, 1.25-0.25*float64(13-day)/13)
	}
	for name, text := range map[string]string{"holdings": bars, "rates": rates} {
		if err := c.upload(t.Context(), name, text); err != nil {
			t.Fatal(err)
		}
	}
	for column, want := range map[string]float64{"": 2*40*1.25 - 30, "close": 2*40*1.25 - 30, "adj_close": 2*20*1.25 - 15} {
		var j job.Job
		spec := job.Spec{Dataset: "holdings", Assets: []string{"*"}, Column: column, Combine: job.Value, Holdings: map[string]float64{"A": 2, "B": -1},
			Currency: map[string]string{"A": "EUR"}, Base: "USD", Rates: "rates", Model: "naive", Horizon: 2, Freq: "XNYS", Levels: []float64{}}
		if err := c.call(t.Context(), "POST", "/v1/jobs", spec, &j); err != nil {
			t.Fatal(err)
		}
		if got := c.waitJob(t, j.ID, time.Minute); got.State != job.Done {
			t.Fatalf("column %q ended as %s: %v", column, got.State, got.Error)
		}
		o := c.answer(t, j.ID).Overall
		for _, v := range o.Mean {
			if math.Abs(v-want) > 1e-9 {
				t.Errorf("column %q: the value is %v, want %v", column, v, want)
			}
		}
		if got := strings.Join(o.DS, " "); got != "2024-04-01 2024-04-02" { // 29 March was Good Friday
			t.Errorf("column %q: the dates are %s", column, got)
		}
	}
	var j job.Job
	err := c.call(t.Context(), "POST", "/v1/jobs", job.Spec{Dataset: "rates", Assets: []string{"*"}, Column: "vwap", Horizon: 1}, &j)
	if refused, ok := errors.AsType[*problem.Problem](err); !ok || refused.Status != 422 || len(refused.Faults) != 1 || refused.Faults[0].Pointer != "/column" {
		t.Errorf("a column that the dataset lacks: %+v", err)
	}
}
