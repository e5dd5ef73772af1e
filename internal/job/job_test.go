package job

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"foliocast/internal/problem"
)

func valid() Spec {
	return Spec{Dataset: "prices", Assets: []string{"A", "B"}, Horizon: 5}.Defaulted()
}

func TestValidateNamesEveryFaultAtOnce(t *testing.T) {
	t.Parallel()
	s := Spec{
		Combine: Mean, Dataset: "No Such", Assets: []string{"A", "", "A", "*"}, Model: "arima", Horizon: 0, Freq: "fortnight",
		Season: []int{1}, Levels: []float64{80, 100, 80}, OnError: "maybe", Priority: 101,
		Weights: map[string]float64{"A": -1, "C/D": 0},
	}
	var got []string
	for _, f := range s.Validate() {
		got = append(got, f.Pointer)
	}
	want := []string{"/dataset", "/assets/1", "/assets/2", "/assets/3", "/weights/A", "/weights/C~1D",
		"/model", "/horizon", "/freq", "/season/0", "/levels/1", "/levels/2", "/on_error", "/priority"}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestValidateTakes(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*Spec){
		"the default":        func(*Spec) {},
		"a version":          func(s *Spec) { s.Dataset = "prices@3" },
		"all assets":         func(s *Spec) { s.Assets = []string{"*"}; s.Weights = map[string]float64{"Z": 1} },
		"no levels":          func(s *Spec) { s.Levels = []float64{} },
		"the longest":        func(s *Spec) { s.Horizon = 1000 },
		"a weight of zero":   func(s *Spec) { s.Weights = map[string]float64{"A": 1, "B": 0} },
		"a fractional level": func(s *Spec) { s.Levels = []float64{99.5} },
	} {
		s := valid()
		change(&s)
		if f := s.Validate(); f != nil {
			t.Errorf("%s: %v", name, f)
		}
	}
}

func TestAbsentAndEmptyLevelsDiffer(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{`{}`: 2, `{"levels":[]}`: 0, `{"levels":[50]}`: 1} {
		var s Spec
		if err := json.Unmarshal([]byte(text), &s); err != nil {
			t.Fatal(err)
		}
		back, err := json.Marshal(s.Defaulted())
		if err != nil {
			t.Fatal(err)
		}
		var again Spec
		if err := json.Unmarshal(back, &again); err != nil {
			t.Fatal(err)
		}
		if got := len(again.Defaulted().Levels); got != want {
			t.Errorf("%s: %d levels, want %d", text, got, want)
		}
	}
}

// A risk is what a forecast has whose errors are measured anyway. An empty list asks for none, and survives.
func TestRiskByDefault(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`{}`: "[95 99]", `{"levels":[]}`: "[]", `{"levels":[],"quantiles":[0.5]}`: "[95 99]", `{"levels":[],"bands":[90]}`: "[95 99]",
		`{"risk":[]}`: "[]", `{"risk":[97.5]}`: "[97.5]", `{"levels":[],"risk":[90]}`: "[90]", `{"kind":"backtest"}`: "[]",
	} {
		var s Spec
		if err := json.Unmarshal([]byte(text), &s); err != nil {
			t.Fatal(err)
		}
		back, err := json.Marshal(s.Defaulted())
		if err != nil {
			t.Fatal(err)
		}
		var again Spec
		if err := json.Unmarshal(back, &again); err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint(again.Defaulted().Risk); got != want {
			t.Errorf("%s: the risk has the levels %s, want %s", text, got, want)
		}
	}
}

func TestNormalisedWeights(t *testing.T) {
	t.Parallel()
	got, faults := NormalisedWeights(map[string]float64{"A": 3, "B": 1}, []string{"B", "A"})
	if d := cmp.Diff([]float64{0.25, 0.75}, got); d != "" || faults != nil {
		t.Error(d, faults)
	}
	_, faults = NormalisedWeights(map[string]float64{"A": 3, "Z": 1}, []string{"A", "B"})
	if len(faults) != 2 {
		t.Errorf("got %v, want a fault for the missing B and the unknown Z", faults)
	}
}

func TestBothChecksReportAFaultOfWeightsOnce(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		weights map[string]float64
		want    []problem.Fault
	}{
		{"all zero", map[string]float64{"A": 0, "B": 0}, []problem.Fault{{Pointer: "/weights", Detail: "must not all be 0"}}},
		{"empty", map[string]float64{}, []problem.Fault{{Pointer: "/weights", Detail: "must not be empty: leave it out for equal weights"}}},
		{"negative", map[string]float64{"A": -1, "B": 1}, []problem.Fault{{Pointer: "/weights/A", Detail: "must be a number of at least 0, is -1"}}},
		{"too large a sum", map[string]float64{"A": 1e308, "B": 1e308}, []problem.Fault{{Pointer: "/weights", Detail: sumTooLarge}}},
		{"equal", nil, nil},
	} {
		assets := []string{"A", "B"}
		s := Spec{Dataset: "d", Assets: assets, Horizon: 1, Weights: c.weights}.Defaulted()
		if d := cmp.Diff(c.want, s.Validate()); d != "" {
			t.Errorf("%s, Validate: %s", c.name, d)
		}
		_, faults := NormalisedWeights(c.weights, assets)
		if d := cmp.Diff(c.want, faults); d != "" {
			t.Errorf("%s, NormalisedWeights: %s", c.name, d)
		}
	}
}

func TestNormalisedWeightsSumToOne(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := rapid.SliceOfN(rapid.Float64Range(0, 1e300), 1, 20).Draw(t, "w")
		w[0] = 1
		m, names := map[string]float64{}, []string{}
		for i, v := range w {
			names = append(names, fmt.Sprint(i))
			m[names[i]] = v
		}
		got, faults := NormalisedWeights(m, names)
		if faults != nil {
			return // the sum overflows, which is a fault
		}
		sum := 0.0
		for _, v := range got {
			sum += v
		}
		if sum < 1-1e-9 || sum > 1+1e-9 {
			t.Fatalf("sum %v", sum)
		}
	})
}

func FuzzDatasetName(f *testing.F) {
	for _, s := range []string{"a", "a@1", "a@0", "@1", "A", "a@b", "a@999999999"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		name, version, ok := DatasetName(s)
		if ok && version > 0 && fmt.Sprintf("%s@%d", name, version) != s {
			t.Errorf("%q became %q and %d", s, name, version)
		}
		if ok && version == 0 && name != s {
			t.Errorf("%q became %q", s, name)
		}
	})
}

func ExampleSpec_Validate() {
	s := Spec{Dataset: "prices", Assets: []string{"DAX"}, Horizon: 0}.Defaulted()
	err := problem.New(problem.Invalid, "the job has faults", s.Validate()...)
	fmt.Println(err)
	// Output:
	// the job has faults
	//   horizon must be 1 to 1000, is 0
}

func TestModelsAreListedOnce(t *testing.T) {
	t.Parallel()
	m := Models()
	slices.Sort(m)
	if len(slices.Compact(m)) != len(Models()) {
		t.Error("a model is listed twice")
	}
}

// What was dropped has no part in the combination.
func TestCombination(t *testing.T) {
	t.Parallel()
	all := []Member{{Name: "theta", Weight: 2. / 3}, {Name: "drift", Dropped: "it has a larger error"}, {Name: "ar", Weight: 1. / 3}}
	if got := Combination(all); got != "theta 0.6667; ar 0.3333" {
		t.Errorf("got %q", got)
	}
	if got := Combination(nil); got != "" {
		t.Errorf("got %q of nothing", got)
	}
}
