package report_test

import (
	"strings"
	"testing"

	"foliocast/internal/job"
	"foliocast/internal/report"
)

// banded is a report with a band for all steps and a covariance matrix.
func banded() report.Report {
	r := forecast()
	f := r.Answer.Overall
	h := len(f.Mean)
	f.Band = &job.Band{Lo: map[string][]float64{"90": wave(h, 5000, -45)}, Hi: map[string][]float64{"90": wave(h, 5000, 46)}}
	f.Covariance = &job.CovarianceMatrix{Assets: []string{"DAX", hostile}, Of: "return", Method: []job.Covariance{job.ConstantCorrelation, job.QuadraticInverse},
		Shrinkage: []*float64{nil, nil}, Origins: []int{200, 100}, Steps: [][][]float64{{{1, 0}, {0, 1}}, {{4, -3}, {-3, 9}}}}
	return r
}

func TestReportHasTheBandAndTheCorrelations(t *testing.T) {
	t.Parallel()
	_, text := written(t, banded())
	for _, want := range []string{"90 % band for all steps", "quadratic-inverse", "100 origins", "−0.50"} { // -3/√(4·9)
		if !strings.Contains(text, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
}
