package worker_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"foliocast/internal/job"
)

// The dates are those of business days. A job with rates reads two datasets, one after the other. Drift continues the lines: A0
// and A1 are 5 and 50 next.
func TestAJobIsConvertedByTheRatesOfItsVersion(t *testing.T) {
	t.Parallel()
	var s dataService
	s.body, s.dataset = storedAs(t, "waves", "date,A0,A1\n2024-01-01,1,10\n2024-01-02,2,20\n2024-01-03,3,30\n2024-01-04,4,40\n")
	rates, version := storedAs(t, "fx", "date,EURUSD\n2024-01-02,1\n2024-01-03,2\n2024-01-09,9\n")
	s.rates = rates
	tasks := make([]any, 0, 40)
	for range 39 { // more than one at a time
		task := s.task("value", func(spec *job.Spec) {
			spec.Levels, spec.Combine, spec.Holdings = []float64{}, job.Value, map[string]float64{"A0": 3, "A1": -1}
			spec.Currency, spec.Base, spec.Rates = map[string]string{"A0": "EUR"}, "USD", "fx"
		})
		task.Rates = &version
		tasks = append(tasks, task)
	}
	lacking := s.task("lacking", func(spec *job.Spec) {
		spec.Currency, spec.Base, spec.Rates = map[string]string{"A0": "CHF"}, "USD", "fx"
	})
	lacking.Rates = &version
	q := newFakeQueue(t, append(tasks, lacking)...)
	drain(t, q, &s)
	want := job.Forecast{Point: job.PointMean, DS: []string{"2024-01-05", "2024-01-08"}, Mean: []float64{3*2*5 - 50, 3*2*6 - 60},
		Notes: []string{"one EUR is 2 USD, the rate of 2024-01-03, held for all steps"}}
	for i := range tasks {
		a := q.answer(i)
		if a.Overall == nil {
			t.Fatalf("job %d: %s, %+v", i, a.State, a.Error)
		}
		if diff := cmp.Diff(*a.Overall, want); diff != "" || a.Provenance.RatesSHA256 != version.SHA256 {
			t.Errorf("job %d, rates %s (-got +want)\n%s", i, a.Provenance.RatesSHA256, diff)
		}
	}
	if a := q.answer(len(tasks)); a.State != job.Failed || a.Error.Code != "no-rate" || !strings.Contains(a.Error.Detail, "CHFUSD") {
		t.Errorf("without a rate: %s, %+v", a.State, a.Error)
	}
}
