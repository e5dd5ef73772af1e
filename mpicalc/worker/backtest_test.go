package worker_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"foliocast/internal/job"
	"foliocast/mpicalc/worker"
)

// backtest asks for a backtest of some assets of the dataset.
func (s *dataService) backtest(id string, change func(*job.Spec)) job.Task {
	return s.task(id, func(spec *job.Spec) {
		spec.Kind, spec.Model, spec.Origins, spec.Models = job.KindBacktest, "", 3, []string{"drift", "naive"}
		if change != nil {
			change(spec)
		}
	})
}

func TestABacktestIsAnswered(t *testing.T) {
	t.Parallel()
	s := newDataService(t, 2, 40)
	s.body, s.dataset = storedAs(t, "lines", "date,A,B,C\n"+lines(30))
	q := newFakeQueue(t,
		s.backtest("scores", func(spec *job.Spec) { spec.Assets, spec.Compare = []string{"*"}, []string{"drift", "naive"} }),
		s.backtest("rows", func(spec *job.Spec) {
			spec.Assets, spec.BySeries, spec.By = []string{"C", "B", "A"}, true, []string{"length"}
		}),
		s.backtest("fail", func(spec *job.Spec) { spec.Assets, spec.OnError = []string{"A", "C"}, job.Fail }),
		s.backtest("long", func(spec *job.Spec) { spec.Assets, spec.Horizon = []string{"A"}, 10 }),
		s.backtest("unknown", func(spec *job.Spec) { spec.Assets = []string{"X"} }),
	)
	drain(t, q, s)

	a := q.answer(0)
	if a.State != job.Partial || a.Backtest == nil || a.Overall != nil || a.Time != job.TimeDate || a.Provenance.Ranks != 2 {
		t.Fatalf("scores: %+v", a)
	}
	// C has three values. A and B are lines, which drift continues; naive is off by 1 and 2 steps.
	want := &job.Error{Code: "too-short", Detail: `asset "C" has 3 values, too few to hold out 2 after the first 2`}
	if len(a.Assets) != 1 || a.Assets[0].Asset != "C" || !cmp.Equal(a.Assets[0].Error, want) || a.Backtest.Omitted != 1 {
		t.Errorf("scores: assets %+v, %d omitted", a.Assets, a.Backtest.Omitted)
	}
	drift, naive := a.Backtest.Scores[0], a.Backtest.Scores[1]
	if drift.Forecasts != 6 || *drift.MASE > 1e-9 || naive.Forecasts != 6 || *naive.MASE < 1.5-1e-9 || *naive.MASE > 1.5+1e-9 {
		t.Errorf("drift %+v, naive %+v", drift, naive)
	}
	if c := a.Backtest.Comparison; c == nil || c.Series != 2 || c.Better != 2 {
		t.Errorf("comparison %+v", c)
	}

	a = q.answer(1)
	var rows []string
	for _, asset := range a.Assets {
		for _, e := range asset.Measured {
			rows = append(rows, strings.Join([]string{asset.Asset, asset.Kind, e.Model, e.Origin}, " "))
		}
		if asset.Error != nil {
			rows = append(rows, asset.Asset+" "+asset.Error.Code)
		}
	}
	if diff := cmp.Diff(rows, []string{"C too-short",
		"B n<50 drift 2024-01-28", "B n<50 drift 2024-01-26", "B n<50 drift 2024-01-24", "B n<50 naive 2024-01-28", "B n<50 naive 2024-01-26", "B n<50 naive 2024-01-24",
		"A n<50 drift 2024-01-28", "A n<50 drift 2024-01-26", "A n<50 drift 2024-01-24", "A n<50 naive 2024-01-28", "A n<50 naive 2024-01-26", "A n<50 naive 2024-01-24"}); diff != "" {
		t.Errorf("rows (-got +want)\n%s", diff)
	}
	for i, want := range map[int]string{2: "too-short", 3: "too-short", 4: "unknown-asset"} {
		if a := q.answer(i); a.State != job.Failed || a.Error == nil || a.Error.Code != want || a.Backtest != nil {
			t.Errorf("answer %d: %+v with %+v, want %s", i, a, a.Error, want)
		}
	}
	if got := q.answer(3).Error.Detail; got != "origins: must be at most 2, is 3: the longest series has 30 values, and each origin holds out 10 more after the first 2" {
		t.Errorf("too many origins: %s", got)
	}
}

// lines are days of A and B, two lines, and of C, which ends on the third day.
func lines(days int) string {
	var b strings.Builder
	for k := range days {
		third := ""
		if k < 3 {
			third = fmt.Sprint(k)
		}
		fmt.Fprintf(&b, "%s,%d,%d,%s\n", time.Date(2024, 1, 1+k, 0, 0, 0, 0, time.UTC).Format(time.DateOnly), 10+k, 200-3*k, third)
	}
	return b.String()
}

// A backtest of one asset makes progress too, and ends when it is cancelled.
func TestABacktestIsCancelledUnderWay(t *testing.T) {
	t.Parallel()
	s := newDataService(t, 1, 4000)
	q := newFakeQueue(t, s.backtest("slow", func(spec *job.Spec) {
		spec.Assets, spec.Origins, spec.Models, spec.Horizon, spec.Levels = []string{"A0"}, 900, []string{"auto", "harmonic"}, 4, []float64{80}
	}))
	q.life = 3 * time.Second
	go func() {
		q.await("progress", func() bool {
			p := q.messages[0].progress
			return len(p) > 0 && p[len(p)-1] > 0
		})
		q.mu.Lock()
		defer q.mu.Unlock()
		q.messages[0].cancel = true
	}()
	if err := work(t.Context(), t, q, s, worker.Config{Drain: true}); err != nil {
		t.Fatal(err)
	}
	m := q.messages[0]
	if len(m.ended) != 1 || !strings.Contains(m.ended[0].Error, "cancelled") || m.progress[len(m.progress)-1] >= 1 {
		t.Errorf("ended with %+v at %v", m.ended, m.progress)
	}
}

func TestABacktestOfRiskIsAnswered(t *testing.T) {
	t.Parallel()
	s := newDataService(t, 2, 40)
	var b strings.Builder
	for k := range 200 { // two walks of steps 1 and 2, which no rule foretells
		fmt.Fprintf(&b, "%s,%d,%d,\n", time.Date(2024, 1, 1+k, 0, 0, 0, 0, time.UTC).Format(time.DateOnly), 100+(k*k)%7, 200+2*((k*k*k)%5))
	}
	s.body, s.dataset = storedAs(t, "walks", "date,A,B,C\n"+b.String())
	q := newFakeQueue(t, s.backtest("risk", func(spec *job.Spec) {
		spec.Assets, spec.Models, spec.Risk, spec.Levels, spec.Origins, spec.Combine = []string{"*"}, []string{"naive"}, []float64{95}, []float64{80}, 20, job.Return
	}))
	drain(t, q, s)
	a := q.answer(0)
	if a.Backtest == nil || a.Backtest.Risk == nil {
		t.Fatalf("%+v with %+v", a, a.Error)
	}
	r := a.Backtest.Risk
	if r.Origins != 20 || len(r.Overall) != 2 || r.Overall[1].Values != 20 || r.Assets[0].Values != 40 || r.Passed[0].Assets != 2 || a.State != job.Partial {
		t.Errorf("%+v", r)
	}
	if len(a.Assets) != 3 || len(a.Assets[1].Risk) != 2 || len(a.Assets[1].Risk[1].Record.Y) != 20 || a.Assets[2].Error == nil || a.Assets[2].Error.Code != "no-data" {
		t.Errorf("assets %+v", a.Assets)
	}
}
