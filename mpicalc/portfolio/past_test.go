package portfolio_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"foliocast/internal/job"
	"foliocast/mpicalc/forecast"
	"foliocast/mpicalc/portfolio"
)

// The numbers are computed by hand from the lines, of which FTSE here lacks a day.
func TestThePastOfThePortfolio(t *testing.T) {
	t.Parallel()
	text := strings.Replace(lines, "2024-01-03,104,48", "2024-01-03,104,", 1)
	base := job.Spec{Assets: []string{"DAX", "FTSE"}, Model: "drift", Horizon: 2, Levels: []float64{}, OnError: job.Skip}
	for name, c := range map[string]struct {
		change func(*job.Spec)
		want   []float64
	}{
		"mean":   {func(s *job.Spec) { s.Missing = job.MissingDrop }, []float64{75.5, 76.5, 77}},
		"value":  {func(s *job.Spec) { s.Combine, s.Holdings = job.Value, map[string]float64{"DAX": 10, "FTSE": -2} }, []float64{1040 - 98, 1060 - 94, 1080 - 92}},
		"return": {func(s *job.Spec) { s.Combine = job.Return }, []float64{(104./108+49./46)/2 - 1, (106./108+47./46)/2 - 1, 0}},
	} {
		spec := base
		c.change(&spec)
		plan, err := portfolio.New(spec.Defaulted(), portfolio.Data{Table: read(t, text)}, func(int, *forecast.Result, *job.Error) error { return nil })
		if err != nil {
			t.Fatal(err)
		}
		if err := run(1, plan); err != nil {
			t.Fatal(err)
		}
		if _, err := plan.Answer("id", job.Provenance{}); err != nil {
			t.Fatal(err)
		}
		_, y := plan.PastOverall(3)
		near(t, name, y, c.want)
		ds, y := plan.Past(0, 2)
		near(t, name+" of DAX", y, []float64{106, 108})
		if diff := cmp.Diff(ds, []string{"2024-01-04", "2024-01-05"}); diff != "" {
			t.Errorf("%s (-got +want)\n%s", name, diff)
		}
	}
}
