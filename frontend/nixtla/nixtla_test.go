package nixtla

import (
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"foliocast/internal/job"
	"foliocast/internal/problem"
	"foliocast/internal/series"
)

// planned plans a request, and makes its tables.
func planned(t *testing.T, op Operation, body string) (*Plan, map[string]*series.Table) {
	t.Helper()
	p, err := New(op, []byte(body))
	if err != nil {
		t.Fatalf("%s: %v", body, err)
	}
	tables := map[string]*series.Table{}
	err = p.Tables(nil, func(name string, table *series.Table, a *series.Audit) error {
		tables[name] = table
		if a.Form != Form {
			t.Errorf("the audit has the form %q", a.Form)
		}
		return table.Verify()
	})
	if err != nil {
		t.Fatalf("%s: %v", body, err)
	}
	return p, tables
}

// ramp is the JSON of n values that rise by one.
func ramp(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, ",%d", i+1)
	}
	return "[" + b.String()[1:] + "]"
}

// The body is one that NixtlaClient 0.8.0 sends, by its source.
func TestForecastOfSeveralSeries(t *testing.T) {
	t.Parallel()
	p, tables := planned(t, Forecast, `{"series":{"y":[1,2.5,3,4,7,8],"sizes":[4,2],"X":null,"X_future":null,"start_datetime":["2024-01-29","2024-02-05"]},
		"model":"timegpt-2.1","h":7,"freq":"B","clean_ex_first":true,"level":[80,95],"finetune_steps":0,"finetune_depth":1,"finetune_loss":"default",
		"finetuned_model_id":null,"feature_contributions":false,"multivariate":false,"something":{"new":[1]}}`)
	want := job.Spec{Assets: []string{"*"}, Model: "auto", Horizon: 7, Freq: "B", Stale: "off", OnError: job.Fail, Levels: []float64{80, 95},
		Weights: map[string]float64{"1.4.0.7": 1, "2.6.0.7": 0}}
	if d := cmp.Diff(want, p.Spec); d != "" {
		t.Error(d)
	}
	y := tables[""]
	if d := cmp.Diff([]string{"1.4.0.7", "2.6.0.7"}, y.Names()); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]float64{1, 2.5, 3, 4}, y.Values(0)); d != "" || y.Start(0).String() != "2024-01-29" || y.End(0).String() != "2024-02-01" {
		t.Errorf("series 1 is from %s to %s: %s", y.Start(0), y.End(0), d)
	}
	if next := y.Next(1, 5); next[2].String() != "2024-02-09" || next[3].String() != "2024-02-12" {
		t.Errorf("series 2 goes on at %v: business days", next)
	}
}

func TestTimesOfFrequencies(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ freq, start, last, next string }{ // the last of 30 values and the one after, by pandas 2.2's date_range
		{"D", "2024-02-01", "2024-03-01", "2024-03-02"},
		{"B", "2024-02-01", "2024-03-13", "2024-03-14"},
		{"C", "2024-02-01", "2024-03-13", "2024-03-14"},
		{"H", "2024-02-28T20:00", "2024-03-01 01:00:00", "2024-03-01 02:00:00"},
		{"2h", "2024-02-28", "2024-03-01 10:00:00", "2024-03-01 12:00:00"},
		{"15min", "2024-02-28T23:50", "2024-02-29 07:05:00", "2024-02-29 07:20:00"},
		{"30T", "2024-02-28", "2024-02-28 14:30:00", "2024-02-28 15:00:00"},
		{"15m", "2024-02-28", "2024-02-28 07:15:00", "2024-02-28 07:30:00"}, // of polars
		{"W-SUN", "2024-01-07", "2024-07-28", "2024-08-04"},
		{"1w", "2024-01-03", "2024-07-24", "2024-07-31"}, // of polars
		{"MS", "2022-01-01", "2024-06-01", "2024-07-01"},
		{"ME", "2022-01-31", "2024-06-30", "2024-07-31"},
		{"M", "2022-01-31", "2024-06-30", "2024-07-31"},
		{"QS", "2020-01-01", "2027-04-01", "2027-07-01"},
		{"QE-DEC", "2020-03-31", "2027-06-30", "2027-09-30"},
		{"Q", "2020-03-31", "2027-06-30", "2027-09-30"},
		{"YS", "1990-01-01", "2019-01-01", "2020-01-01"},
		{"YE", "1990-12-31", "2019-12-31", "2020-12-31"},
		{"A-DEC", "1990-12-31", "2019-12-31", "2020-12-31"},
		{"D", "2024-02-01T09:30:00", "2024-03-01 09:30:00", "2024-03-02 09:30:00"},
		{"D", "2024-02-01T00:00:00", "2024-03-01", "2024-03-02"},
		{"h", "2024-02-01T00:00:00+09:00", "2024-02-02T05:00:00+09:00", "2024-02-02T06:00:00+09:00"},
		{"D", "2024-02-01T00:00:00+00:00", "2024-03-01T00:00:00Z", "2024-03-02T00:00:00Z"},
		{"MS", "", "30", "31"},
		{"W-FRI", "", "2001-08-03", "2001-08-10"},
		{"h", "", "2001-01-02 05:00:00", "2001-01-02 06:00:00"},
	} {
		starts := ""
		if c.start != "" {
			starts = `,"start_datetime":["` + c.start + `"]`
		}
		p, tables := planned(t, Forecast, `{"series":{"y":`+ramp(30)+`,"sizes":[30]`+starts+`},"h":1,"freq":"`+c.freq+`"}`)
		y := tables[""]
		if last, next := y.End(0).String(), y.Next(0, 1)[0].String(); last != c.last || next != c.next {
			t.Errorf("%s from %s: ends at %s and goes on at %s, want %s and %s", c.freq, c.start, last, next, c.last, c.next)
		}
		if f := series.Freq(p.Spec.Freq); f != "" {
			if _, err := y.WithFreq(f, ""); err != nil {
				t.Errorf("%s from %s: the job's frequency %s: %v", c.freq, c.start, f, err)
			}
		}
	}
}

func TestLevels(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		level             string
		levels, quantiles []float64
		names             string
	}{
		{"null", []float64{}, nil, ""},
		{"[]", []float64{}, nil, ""},
		{"99", []float64{99}, nil, "hi-99 lo-99"},
		{"[80,50,0,50,80]", []float64{50, 80}, []float64{0.5}, "hi-0 hi-50 hi-80 lo-0 lo-50 lo-80"}, // of quantiles .1 .25 .5 .75 .9
		{"[97.5,90.0]", []float64{90, 97.5}, nil, "hi-90 hi-97.5 lo-90 lo-97.5"},
		{"[1]", []float64{}, []float64{0.495, 0.505}, "hi-1 lo-1"},
		{"[90,80,70,60,50,40,30,20,10,5,15]", []float64{}, []float64{0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.425, 0.45, 0.475, 0.525, 0.55, 0.575, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95},
			"hi-10 hi-15 hi-20 hi-30 hi-40 hi-5 hi-50 hi-60 hi-70 hi-80 hi-90 lo-10 lo-15 lo-20 lo-30 lo-40 lo-5 lo-50 lo-60 lo-70 lo-80 lo-90"},
	} {
		p, _ := planned(t, Forecast, `{"series":{"y":[1,2,3],"sizes":[3]},"h":1,"freq":"D","level":`+c.level+`}`)
		if d := cmp.Diff(c.levels, p.Spec.Levels) + cmp.Diff(c.quantiles, p.Spec.Quantiles, cmpopts.EquateApprox(0, 1e-12)); d != "" {
			t.Errorf("%s: %s", c.level, d)
		}
		var names []string
		for _, e := range endsOf(p.Spec) {
			names = append(names, e.name)
		}
		slices.Sort(names)
		if got := strings.Join(names, " "); got != c.names {
			t.Errorf("%s: the answer has %s, want %s", c.level, got, c.names)
		}
	}
}

func TestWindows(t *testing.T) {
	t.Parallel()
	p, tables := planned(t, CrossValidation, `{"series":{"y":`+ramp(20)+`,"sizes":[12,8],"X":null},"h":3,"n_windows":2,"step_size":2,"freq":"MS","refit":true,"hist_exog":null}`)
	if d := cmp.Diff([]string{"1.7.0.3", "1.9.0.3", "2.15.0.3", "2.17.0.3"}, tables[""].Names()); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]float64{13, 14, 15}, tables[""].Values(2)); d != "" {
		t.Error(d)
	}
	r, err := Collect(CrossValidation, "j", p.Spec, answered(p, 3))
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Mean         []float64 `json:"mean"`
		Sizes, Idxs  []int
		Intervals    map[string][]float64
		Weights      []float64 `json:"weights_x"`
		Contribution []float64 `json:"feature_contributions"`
	}
	if err := json.Unmarshal(r.AppendJSON(nil), &got); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]int{7, 8, 9, 9, 10, 11, 15, 16, 17, 17, 18, 19}, got.Idxs) + cmp.Diff([]int{6, 6}, got.Sizes); d != "" || len(got.Mean) != 12 {
		t.Errorf("%d means, %s", len(got.Mean), d)
	}
}

// answered are assets that a job answers: each forecasts the numbers of its steps, beginning with a thousand times the number of the
// asset.
func answered(p *Plan, horizon int) iter.Seq2[job.Asset, error] {
	return func(yield func(job.Asset, error) bool) {
		for k := range p.pieces {
			a := job.Asset{Asset: p.name(k), Lo: map[string][]float64{}, Hi: map[string][]float64{}}
			for step := range horizon {
				v := float64(1000*k + step)
				a.Mean = append(a.Mean, v)
				for _, l := range p.Spec.Levels {
					a.Lo[job.Level(l)], a.Hi[job.Level(l)] = append(a.Lo[job.Level(l)], v-l), append(a.Hi[job.Level(l)], v+l)
				}
			}
			if !yield(a, nil) {
				return
			}
		}
	}
}

// Missing values are carried by the house; a series that ends with some is forecast from before them, over them.
func TestMissingValues(t *testing.T) {
	t.Parallel()
	p, tables := planned(t, Forecast, `{"series":{"y":[1,null,3,4,null,null,5,6],"sizes":[6,2]},"h":2,"freq":"D","level":[80]}`)
	if p.Spec.Horizon != 4 {
		t.Errorf("the horizon is %d, want two steps after two that are missing", p.Spec.Horizon)
	}
	if d := cmp.Diff([]float64{1, 1, 3, 4}, tables[""].Values(0)); d != "" || tables[""].Filled(0) != 1 {
		t.Error(d)
	}
	r, err := Collect(Forecast, "j", p.Spec, answered(p, 4))
	if err != nil {
		t.Fatal(err)
	}
	want := `{"mean":[2,3,1000,1001],"intervals":{"hi-80":[82,83,1080,1081],"lo-80":[-78,-77,920,921]},"weights_x":null,"feature_contributions":null,"job_id":"j"}`
	if got := string(r.AppendJSON(nil)); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestColumns(t *testing.T) {
	t.Parallel()
	// The first column is known in advance, the second only in the past, and the third has categories.
	p, tables := planned(t, Forecast, `{"series":{"y":[1,2,3,4,5,6],"sizes":[4,2],"X":[[0,1,0,1,1,0],["a","b","c","a","b","b"],[10,20,30,40,50,60]],
		"X_future":[[9,8,7,6],["c","a","b","b"]],"categorical_exog":[1]},"h":2,"freq":"D","feature_contributions":true}`)
	want := []string{"x1", "x2.is2", "x2.is3", "x3.lag2"}
	if d := cmp.Diff(want, p.Spec.X); d != "" || !p.Spec.Explain {
		t.Error(d)
	}
	for name, values := range map[string][][]float64{
		"x1":      {{0, 1, 0, 1, 9, 8}, {1, 0, 7, 6}},
		"x2.is2":  {{0, 1, 0, 0, 0, 0}, {1, 1, 1, 1}},
		"x2.is3":  {{0, 0, 1, 0, 1, 0}, {0, 0, 0, 0}},
		"x3.lag2": {{10, 10, 10, 20, 30, 40}, {50, 50, 50, 60}},
	} {
		for i, v := range values {
			if d := cmp.Diff(v, tables[name].Values(i)); d != "" {
				t.Errorf("%s of series %d: %s", name, i+1, d)
			}
		}
	}
	assets := []job.Asset{
		{Asset: p.name(0), Mean: []float64{10, 20}, Parts: map[string][]float64{"level": {1, 1}, "x x1": {2, 3}, "x x2.is2": {1, 0}, "x x2.is3": {0, 5}},
			X: map[string]job.Effect{"x1": {Value: 2}, "x2.is2": {Value: -1}, "x2.is3": {Value: 3}}},
		{Asset: p.name(1), Mean: []float64{30, 40}, X: map[string]job.Effect{"x1": {Value: 4}, "x3.lag2": {Value: 7}}},
	}
	r, err := Collect(Forecast, "j", p.Spec, func(yield func(job.Asset, error) bool) {
		_ = yield(assets[0], nil) && yield(assets[1], nil)
	})
	if err != nil {
		t.Fatal(err)
	}
	got := string(r.AppendJSON(nil))
	if want := `{"mean":[10,20,30,40],"intervals":null,"weights_x":[3,2,3.5],"feature_contributions":[[2,3,0,0],[1,5,0,0],[0,0,0,0],[7,12,30,40]],"job_id":"j"}`; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// A column with one category explains nothing, and has its place in the answer.
func TestOneCategory(t *testing.T) {
	t.Parallel()
	p, _ := planned(t, Forecast, `{"series":{"y":[1,2,3],"sizes":[3],"X":[[1,2,3],["a","a","a"]],"X_future":[[4],["a"]],"categorical_exog":[1]},"h":1,"freq":"D"}`)
	r, err := Collect(Forecast, "j", p.Spec, answered(p, 1))
	if err != nil || !strings.Contains(string(r.AppendJSON(nil)), `"weights_x":[0,0]`) {
		t.Errorf("%v: %v, the columns are %v", err, r, p.Spec.X)
	}
}

// Of a cross-validation, the windows see the columns that are not only of the past.
func TestColumnsOfWindows(t *testing.T) {
	t.Parallel()
	_, tables := planned(t, CrossValidation, `{"series":{"y":[1,2,3,4,5,6],"sizes":[6],"X":[[1,2,3,4,5,6],[10,20,30,40,50,60]]},"h":2,"n_windows":2,"step_size":null,"freq":"D","hist_exog":[1]}`)
	for name, values := range map[string][][]float64{
		"x1":      {{1, 2, 3, 4}, {1, 2, 3, 4, 5, 6}},
		"x2.lag2": {{10, 10, 10, 20}, {10, 10, 10, 20, 30, 40}},
	} {
		for i, v := range values {
			if d := cmp.Diff(v, tables[name].Values(i)); d != "" {
				t.Errorf("%s of window %d: %s", name, i+1, d)
			}
		}
	}
}

func TestHistory(t *testing.T) {
	t.Parallel()
	p, _ := planned(t, CrossValidation, `{"series":{"y":`+ramp(45)+`,"sizes":[40,5]},"h":9,"n_windows":7,"step_size":1,"freq":"D","level":[80],"full_history":true}`)
	if p.Spec.Horizon != 1 || len(p.pieces) != 40-14+3 {
		t.Errorf("%d pieces of %d steps, want one step from two weeks on, and in the second half of the short series", len(p.pieces), p.Spec.Horizon)
	}
	if first, last := p.name(0), p.name(len(p.pieces)-1); first != "1.14.0.1" || last != "2.44.0.1" {
		t.Errorf("the pieces are %s to %s", first, last)
	}
	// A single value has no past: its series has nothing in the answer, and still a size.
	short, _ := planned(t, Historic, `{"series":{"y":`+ramp(13)+`,"sizes":[12,1]},"freq":"MS"}`)
	r, err := Collect(Historic, "j", short.Spec, answered(short, 1))
	if err != nil {
		t.Fatal(err)
	}
	if short.Finish(r); !strings.Contains(string(r.AppendJSON(nil)), `"sizes":[6,0]`) {
		t.Errorf("got %s", r.AppendJSON(nil))
	}
	long, _ := planned(t, Historic, `{"series":{"y":`+ramp(9000)+`,"sizes":[9000]},"freq":"h"}`)
	sum := 0
	for _, c := range long.pieces {
		sum += c.end
	}
	if long.Spec.Horizon != 16 || sum > maxPast || 2*sum < maxPast { // 9000²/2/4e6 is 10
		t.Errorf("%d pieces of %d steps read %d values", len(long.pieces), long.Spec.Horizon, sum)
	}
	if n := len(long.pieces); long.pieces[n-1].end+long.pieces[n-1].count != 9000 {
		t.Errorf("the last piece is %+v", long.pieces[n-1])
	}
}

// Every model name is taken, and those of the house mean its models. A loss that models were to be fine-tuned to says what the point
// is to be.
func TestModels(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{"": "auto", "timegpt-1-long-horizon": "auto", "timegpt-2.1": "auto", "theta": "theta", "naive": "naive"} {
		if p, _ := planned(t, Forecast, `{"series":{"y":[1,2],"sizes":[2]},"h":1,"freq":"D","model":"`+name+`"}`); p.Spec.Model != want {
			t.Errorf("%q is %s, want %s", name, p.Spec.Model, want)
		}
	}
	for loss, want := range map[string]job.Point{"default": "", "mae": job.PointMedian, "mse": job.PointMean, "rmse": job.PointMean} {
		p, _ := planned(t, Forecast, `{"series":{"y":[1,2],"sizes":[2]},"h":1,"freq":"D","finetune_steps":10,"finetune_loss":"`+loss+`"}`)
		if p.Spec.Point != want || len(p.notes) != 1 {
			t.Errorf("%s: the point is %q with the notes %q", loss, p.Spec.Point, p.notes)
		}
	}
}

// A foreign answer, or one that lacks a forecast, is none.
func TestForeignAnswers(t *testing.T) {
	t.Parallel()
	for _, a := range []job.Asset{{Asset: "DAX", Mean: []float64{1}}, {Asset: "1.2.0.2", Mean: []float64{1}}, {Asset: "1.2.0.1", Error: &job.Error{Code: "no-data"}}, {Asset: "0.2.0.1", Mean: []float64{1}}} {
		_, err := Collect(Forecast, "j", job.Spec{}, func(yield func(job.Asset, error) bool) { yield(a, nil) })
		if _, bad := errors.AsType[*BadAnswerError](err); !bad {
			t.Errorf("%+v: got %v", a, err)
		}
	}
}

func FuzzNew(f *testing.F) {
	for _, body := range []string{
		`{"series":{"y":[1,2.5,null,4],"sizes":[3,1],"X":[[1,2,3,4],["a","b","a",true]],"X_future":[[1,2]],"categorical_exog":[1],"start_datetime":["2024-01-31","2024-02-29"]},"h":1,"freq":"ME","level":[80,0]}`,
		`{"series":{"y":[1,2,3,4,5,6],"sizes":[6]},"h":1,"n_windows":2,"step_size":1,"detection_size":2,"freq":"15min","level":99,"full_history":true}`,
		`{"series":{"y":[],"sizes":[-1]}}`, `null`, `[]`, `{"series":{"y":[1],"sizes":[1],"start_datetime":["9999-12-31"]},"freq":"YE","h":1000}`,
	} {
		f.Add(body, uint8(0))
	}
	ops := []Operation{Forecast, CrossValidation, Historic, Anomalies, OnlineAnomalies}
	f.Fuzz(func(t *testing.T, body string, op uint8) {
		p, err := New(ops[int(op)%len(ops)], []byte(body))
		if err != nil {
			if _, is := errors.AsType[*problem.Problem](err); !is {
				t.Errorf("got %v, which is no problem", err)
			}
			return
		}
		pool := series.NewPool(64<<20, time.Second)
		budget := pool.Budget(t.Context())
		defer budget.Close()
		_ = p.Tables(budget, func(_ string, table *series.Table, _ *series.Audit) error {
			if err := table.Verify(); err != nil {
				t.Error(err)
			}
			return nil
		})
	})
}
