package forecasttable

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"

	"foliocast/internal/job"
)

func TestCSVOfBands(t *testing.T) {
	t.Parallel()
	shape := ShapeOf(job.Spec{Levels: []float64{80}, Quantiles: []float64{0.5}, Bands: []float64{90, 50}}, job.TimeStep)
	var got bytes.Buffer
	w, err := NewCSV(&got, shape)
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range []job.Asset{
		{Asset: "A", Model: "ar", DS: []string{"1", "2"}, Mean: []float64{5, 6}, Lo: map[string][]float64{"80": {4, 4.5}}, Hi: map[string][]float64{"80": {7, 7.5}},
			Quantiles: map[string][]float64{"0.5": {5, 6}},
			Band:      &job.Band{Lo: map[string][]float64{"50": {4, 4}, "90": {2, 1}}, Hi: map[string][]float64{"50": {7, 8}, "90": {9, 10}}}},
		{Asset: "ONE", Model: "naive", DS: []string{"1"}, Mean: []float64{5}},
	} {
		if err := w.Write(shape.Rows(a)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	want := `unique_id,ds,model,mean,lo-80,hi-80,q-0.5,band-lo-50,band-hi-50,band-lo-90,band-hi-90
A,1,ar,5,4,7,5,4,7,2,9
A,2,ar,6,4.5,7.5,6,4,8,1,10
ONE,1,naive,5,,,,,,,
`
	if diff := cmp.Diff(want, got.String()); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// The bands follow the quantiles, and the matrices are named only.
func TestTextOfBandsAndCovariance(t *testing.T) {
	t.Parallel()
	days := []string{"2024-12-31"}
	got := written(t, job.Answer{
		State: job.Done, Time: job.TimeDate,
		Overall: &job.Forecast{DS: days, Mean: []float64{7}, Lo: map[string][]float64{"80": {4}}, Hi: map[string][]float64{"80": {12}},
			Band:       &job.Band{Lo: map[string][]float64{"90": {2}}, Hi: map[string][]float64{"90": {13.5}}},
			Covariance: &job.CovarianceMatrix{Assets: []string{"A"}, Steps: [][][]float64{{{1}}}}},
		Assets: []job.Asset{{Asset: "A", Model: "ar", DS: days, Mean: []float64{7}, Band: &job.Band{Lo: map[string][]float64{"90": {2}}, Hi: map[string][]float64{"90": {13}}}}},
	})
	want := `ASSET    MODEL  SKILL        DATE  MEAN  LO-80  HI-80  BAND-LO-90  BAND-HI-90
A        ar            2024-12-31  7.00                      2.00       13.00
overall                2024-12-31  7.00   4.00  12.00        2.00       13.50
The covariance matrices of 1 assets at 1 steps are in the JSON form.
`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
