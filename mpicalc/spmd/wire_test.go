package spmd

import (
	"errors"
	"math"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"foliocast/mpicalc/forecast"
)

func TestOptionsSurviveTheWire(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]forecast.Options{
		"zero":       {},
		"no seasons": {Model: "auto", Horizon: 1000, Seasons: []int{}, Step: 15 * time.Minute, Periods: []int{96, 672}},
		"full": {Model: "ar", Horizon: 7, Seasons: []int{24, 168}, Levels: []float64{80, 99.5}, Quantiles: []float64{0.1, 0.5, 0.9}, Bands: []float64{90}, Joint: true, Point: forecast.Median,
			Integers: true, Explain: true, Step: time.Hour, Periods: []int{24}, Paths: 10, Seed: math.MaxUint64},
		"quantiles": {Model: "ar", Horizon: 7, Quantiles: []float64{5e-324}},
	} {
		if v := reflect.ValueOf(want); name == "full" {
			for i := range v.NumField() {
				if v.Field(i).IsZero() {
					t.Errorf("full lacks %s", v.Type().Field(i).Name)
				}
			}
		}
		in := reader{rest: appendOptions(nil, &want)}
		got := parseOptions(&in)
		if diff := cmp.Diff(*got, want); diff != "" || in.end() != nil {
			t.Errorf("%s: (-got +want)\n%s%v", name, diff, in.end())
		}
	}
}

func TestResultsSurviveTheWire(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		float := rapid.Float64()
		h, levels := rapid.IntRange(1, 5).Draw(t, "h"), rapid.IntRange(0, 3).Draw(t, "levels")
		floats := func(n int) []float64 { return rapid.SliceOfN(float, n, n).Draw(t, "floats") }
		quantiles, bands := rapid.IntRange(0, 3).Draw(t, "quantiles"), rapid.IntRange(0, 2).Draw(t, "bands")
		rows := func(n int) (all [][]float64) {
			for range n {
				all = append(all, floats(h))
			}
			return all
		}
		origins := rapid.IntRange(0, 4).Draw(t, "origins")
		want := forecast.Result{
			Model: rapid.String().Draw(t, "model"), Point: forecast.Median, Fallback: rapid.String().Draw(t, "fallback"), Note: rapid.String().Draw(t, "note"),
			Floor: float.Draw(t, "floor"), Mean: floats(h), Average: floats(rapid.SampledFrom([]int{0, h}).Draw(t, "averages")), Lo: rows(levels), Hi: rows(levels), Quantiles: rows(quantiles), Skill: math.NaN(),
			Seasons: rapid.SliceOf(rapid.IntRange(2, 500)).Draw(t, "seasons"),
			Members: []forecast.Member{{Name: "theta", Weight: 1, Skill: float.Draw(t, "skill")}, {Name: "ar", Dropped: rapid.String().Draw(t, "dropped")}},
			Coefficients: rapid.SliceOf(rapid.Custom(func(t *rapid.T) forecast.Coefficient {
				return forecast.Coefficient{Value: float.Draw(t, "value"), StdErr: float.Draw(t, "standard error")}
			})).Draw(t, "coefficients"),
			Origins: rapid.IntRange(0, 40).Draw(t, "true origins"),
			Errors:  forecast.Errors{Origins: origins, Horizon: h, Data: floats(origins * h), Stride: rapid.IntRange(0, 3).Draw(t, "stride")},
			Paths:   floats(h * rapid.IntRange(0, 3).Draw(t, "paths")),
			BandLo:  rows(bands), BandHi: rows(bands), Scores: floats(rapid.IntRange(0, 3).Draw(t, "scores")), Marginals: rows(rapid.IntRange(0, 3).Draw(t, "marginals")),
		}
		for range rapid.IntRange(0, 3).Draw(t, "parts") {
			want.Parts = append(want.Parts, forecast.Part{Name: rapid.String().Draw(t, "part"), Values: floats(h)})
		}
		in := reader{rest: appendResult(nil, &want, true)}
		if rapid.Bool().Draw(t, "no intervals") {
			want.Lo, want.Hi, want.Quantiles = nil, nil, nil
			in.rest = appendResult(nil, &want, true)
		}
		var d decoder
		got, fault, err := d.next(&in, &forecast.Options{Horizon: h, Levels: make([]float64, levels), Quantiles: make([]float64, quantiles), Bands: make([]float64, bands)})
		if fault != nil || err != nil || in.end() != nil {
			t.Fatalf("decoding failed: %v, %v, %v", fault, err, in.end())
		}
		if diff := cmp.Diff(*got, want, cmpopts.EquateNaNs(), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("(-got +want)\n%s", diff)
		}
	})
}

func TestAssignmentsSurviveTheWire(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, maxCount)
		want := assignment{options: n.Draw(t, "options") >> flagBits, wantErrors: rapid.Bool().Draw(t, "errors"),
			file: n.Draw(t, "file"), length: n.Draw(t, "length")}
		if want.file > 0 {
			want.asset, want.from = n.Draw(t, "asset"), n.Draw(t, "from")
		}
		if rapid.Bool().Draw(t, "with skips") {
			skip := rapid.Custom(func(t *rapid.T) forecast.Skip {
				return forecast.Skip{At: rapid.Int32Min(0).Draw(t, "at"), Count: rapid.Int32Min(0).Draw(t, "count")}
			})
			want.skips = rapid.SliceOf(skip).Draw(t, "skips")
		}
		if rapid.Bool().Draw(t, "with ends") {
			want.ends = rapid.SliceOf(n).Draw(t, "ends")
		}
		if rapid.Bool().Draw(t, "with targets") {
			want.targets = rapid.SliceOf(rapid.IntRange(0, forecast.MaxHorizon)).Draw(t, "targets")
		}
		want.stream = rapid.Uint64().Draw(t, "stream")
		want.before = rapid.IntRange(0, 3).Draw(t, "before")
		want.regressors = rapid.IntRange(0, forecast.MaxRegressors).Draw(t, "regressors")
		if rapid.Bool().Draw(t, "with text") {
			want.text = Text{Form(rapid.IntRange(1, 255).Draw(t, "form")), rapid.IntRange(0, forecast.MaxHorizon).Draw(t, "steps"),
				rapid.IntRange(0, forecast.MaxLevels).Draw(t, "levels"), rapid.IntRange(0, forecast.MaxQuantiles).Draw(t, "quantiles"),
				rapid.IntRange(0, forecast.MaxLevels).Draw(t, "bands"), rapid.IntRange(0, forecast.MaxPaths).Draw(t, "paths")}
		}
		in := reader{rest: want.append(nil)}
		var got assignment
		got.parse(&in)
		if diff := cmp.Diff(got, want, cmp.AllowUnexported(assignment{})); diff != "" || in.end() != nil {
			t.Errorf("(-got +want)\n%s%v", diff, in.end())
		}
	})
}

// The parsers decode or refuse any bytes; they never panic, and allocate no more than the bytes can describe.
func FuzzParsers(f *testing.F) {
	o := &forecast.Options{Model: "trend", Horizon: 2, Levels: []float64{80}, Quantiles: []float64{0.1, 0.9}}
	s := Series{Series: forecast.Series{Values: []float64{1, 2, 3}, Ends: []int{2}}, Options: o, WantErrors: true}
	f.Add(appendChunk(nil, 7, 2, []pick{{series: s}, {series: s}})[1:])
	f.Add(appendAnswer(nil, &batch{number: 7, runs: [][]run{{{2, 5}}}, answers: [][]byte{{1, 0, 0, 0, 9}}}, 1)[1:])
	f.Add(appendError(nil, errors.New("text")))
	f.Add((&assignment{length: 3, file: 1}).append(nil))
	f.Add((&assignment{length: 3, skips: []forecast.Skip{{At: 1, Count: 2}}, ends: []int{2, 1}}).append(nil))
	f.Add((&assignment{length: 1, regressors: 2}).append(nil))
	s.Text = Text{1, 2, 1, 2, 0, 0}
	f.Add(appendChunk(nil, 7, 1, []pick{{series: s}})[1:])
	f.Add(fileIdentity{"path", "sum", "place"}.append(nil))
	f.Add([]byte{0, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1})
	f.Fuzz(func(t *testing.T, b []byte) {
		_, _ = parseFileIdentity(b)
		_ = newUnpacker().chunk(new(batch), b)
		var r report
		r.parse(&reader{rest: b})
		var d decoder
		_, _, _ = d.next(&reader{rest: b}, o)
	})
}

// Quantiles need the errors that intervals need.
func TestQuantilesAreAsDearAsLevels(t *testing.T) {
	t.Parallel()
	s := &Series{Series: forecast.Series{Values: make([]float64, 200)}, WantErrors: true}
	levels := &forecast.Options{Model: "ar", Horizon: 7, Levels: []float64{80}}
	quantiles := &forecast.Options{Model: "ar", Horizon: 7, Quantiles: []float64{0.1, 0.9}}
	guess := func(o *forecast.Options) float64 {
		model := costModelOf(o)
		return model.of(&s.Series)
	}
	if got, want := guess(quantiles), guess(levels); got != want {
		t.Errorf("a series with quantiles costs %v, with levels %v", got, want)
	}
	point := &forecast.Options{Model: "ar", Horizon: 7, Point: forecast.Mean}
	if got, want := guess(point), guess(levels); got != want {
		t.Errorf("a series with the mean costs %v, with levels %v", got, want)
	}
	if got, want := resultBytes(quantiles, s), resultBytes(levels, s); got != want {
		t.Errorf("an answer with two quantiles is estimated to have %d bytes, with two bounds %d", got, want)
	}
}

// The estimate bounds the bytes of an answer, so that what a chunk brings back fits.
func TestAnswersAreAsLongAsEstimated(t *testing.T) {
	t.Parallel()
	many := &forecast.Options{Model: "ar", Horizon: 1000, Levels: []float64{80, 95}}
	for i := range 99 {
		many.Quantiles = append(many.Quantiles, float64(i+1)/100)
	}
	for name, o := range map[string]*forecast.Options{
		"quantiles": many,
		"parts":     {Model: "auto", Horizon: 200, Seasons: []int{4, 12, 24, 48}, Levels: []float64{80}, Explain: true},
		"reasons":   {Model: "auto", Horizon: 1, Seasons: []int{1}, Explain: true},
	} {
		m, err := forecast.NewMethod(*o)
		if err != nil {
			t.Fatal(err)
		}
		s := &Series{Series: forecast.Series{Values: make([]float64, 4000)}, WantErrors: true}
		for i := range s.Values {
			s.Values[i] = math.Sin(float64(i * i))
		}
		var r forecast.Result
		if err := forecast.New().Forecast(&r, s.Series, m); err != nil {
			t.Fatal(err)
		}
		if got, most := len(appendResult(nil, &r, true)), resultBytes(o, s); got > most || got < most/5 {
			t.Errorf("%s: an answer has %d bytes, estimated are %d", name, got, most)
		}
	}
}
