package portfolio_test

import (
	"math"
	"testing"

	"foliocast/internal/job"
	"foliocast/mpicalc/portfolio"
)

// The parts of an asset are those of its own steps, also where the asset ends before the others and its values are rounded, and they
// name the columns.
func TestPartsOfAssets(t *testing.T) {
	t.Parallel()
	values, promo := promoted(t, map[string]int{"A": 100, "B": 50}, map[string]int{"B": 2})
	for _, integers := range []bool{false, true} {
		answer, err := computeOn(t, 2, withPromo(4, func(s *job.Spec) {
			s.Explain, s.Integers = true, integers
		}), portfolio.Data{Table: values, X: []portfolio.Column{promo}})
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range answer.Assets {
			effect, first := a.Parts["x promo"], 60
			if a.Asset == "B" {
				first = 58
			}
			for k, mean := range a.Mean {
				sum := 0.0
				for name, part := range a.Parts {
					if len(part) != 4 {
						t.Fatalf("%s: %s has %d values", a.Asset, name, len(part))
					}
					sum += part[k]
				}
				if math.Abs(sum-mean) > 1e-9 {
					t.Errorf("%s, step %d: the parts add up to %v, the forecast is %v", a.Asset, k+1, sum, mean)
				}
				if got, want := effect[k]-effect[0], float64(10*(onPromotion(first+k)-onPromotion(first))); math.Abs(got-want) > 0.1 {
					t.Errorf("%s, step %d: the promotion adds %v more than at step 1, want %v", a.Asset, k+1, got, want)
				}
			}
		}
	}
	answer, err := computeOn(t, 1, withPromo(4, func(*job.Spec) {}), portfolio.Data{Table: values, X: []portfolio.Column{promo}})
	if err != nil || answer.Assets[0].Parts != nil {
		t.Errorf("without explain, the parts are %v, error %v", answer.Assets[0].Parts, err)
	}
}
