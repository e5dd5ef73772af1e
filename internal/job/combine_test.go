package job

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"

	"foliocast/internal/problem"
)

// Fields that mean something only together are refused alone, and the fault is where
// the caller has to act.
func TestFieldsThatBelongTogether(t *testing.T) {
	t.Parallel()
	eur := map[string]string{"A": "EUR"}
	for name, c := range map[string]struct {
		change func(*Spec)
		want   []string // pointers
	}{
		"value":                  {func(s *Spec) { s.Combine, s.Holdings = Value, map[string]float64{"A": 2, "B": -1} }, nil},
		"return":                 {func(s *Spec) { s.Combine = Return }, nil},
		"return by weights":      {func(s *Spec) { s.Combine, s.Weights = Return, map[string]float64{"A": 2, "B": 1} }, nil},
		"value without holdings": {func(s *Spec) { s.Combine = Value }, []string{"/holdings"}},
		"value by weights":       {func(s *Spec) { s.Combine, s.Weights = Value, map[string]float64{"A": 2, "B": 1} }, []string{"/holdings"}},
		"value by weights and holdings": {func(s *Spec) {
			s.Combine, s.Weights, s.Holdings = Value, map[string]float64{"A": 1, "B": 1}, map[string]float64{"A": 1, "B": 1}
		}, []string{"/weights"}},
		"holdings and mean":            {func(s *Spec) { s.Holdings = map[string]float64{"A": 2, "B": 1} }, []string{"/holdings"}},
		"not a number of units":        {func(s *Spec) { s.Combine, s.Holdings = Value, map[string]float64{"A": math.Inf(1), "B": 1} }, []string{"/holdings/A"}},
		"currencies":                   {func(s *Spec) { s.Currency, s.Base, s.Rates = eur, "USD", "fx@2" }, nil},
		"currencies that are the base": {func(s *Spec) { s.Currency, s.Base = eur, "EUR" }, nil},
		"no base":                      {func(s *Spec) { s.Currency, s.Rates = eur, "fx" }, []string{"/base"}},
		"no rates":                     {func(s *Spec) { s.Currency, s.Base = eur, "USD" }, []string{"/rates"}},
		"base alone":                   {func(s *Spec) { s.Base = "USD" }, []string{"/base"}},
		"rates alone":                  {func(s *Spec) { s.Rates = "fx" }, []string{"/rates"}},
		"resample without freq":        {func(s *Spec) { s.Resample = ResampleLast }, []string{"/resample"}},
		"no such combination":          {func(s *Spec) { s.Combine = "sum" }, []string{"/combine"}},
	} {
		s := valid()
		c.change(&s)
		var got []string
		for _, f := range s.Validate() {
			got = append(got, f.Pointer)
		}
		if d := cmp.Diff(c.want, got); d != "" {
			t.Errorf("%s (-want +got)\n%s", name, d)
		}
	}
}

func TestUnits(t *testing.T) {
	t.Parallel()
	got, faults := Units(map[string]float64{"A": 3, "B": -1}, []string{"B", "A"})
	if d := cmp.Diff([]float64{-1, 3}, got); d != "" || faults != nil {
		t.Error(d, faults)
	}
	_, faults = Units(map[string]float64{"A": 3, "Z": 1}, []string{"A", "B"})
	want := []problem.Fault{
		{Pointer: "/holdings", Detail: `has no number of units for asset "B": give it 0 to leave it out of the overall forecast`},
		{Pointer: "/holdings/Z", Detail: "names an asset that is not in assets"},
	}
	if d := cmp.Diff(want, faults); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
}

func TestCurrencies(t *testing.T) {
	t.Parallel()
	s := Spec{Currency: map[string]string{"B": "EUR"}, Base: "USD"}
	got, faults := s.Currencies([]string{"A", "B"})
	if d := cmp.Diff([]string{"USD", "EUR"}, got); d != "" || faults != nil {
		t.Error(d, faults)
	}
	if _, faults = s.Currencies([]string{"A"}); len(faults) != 1 || faults[0].Pointer != "/currency/B" {
		t.Errorf("a currency of no asset gives %v", faults)
	}
}
