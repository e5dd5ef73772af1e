package main

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"

	"foliocast/internal/job"
)

func TestAnswerTable(t *testing.T) {
	t.Parallel()
	skill := 0.9714
	answer := job.Answer{
		State: job.Partial,
		Overall: &job.Forecast{Mean: []float64{1010.5, 1011}, Lo: map[string][]float64{"80": {990, 985}, "99.5": {900, 890}},
			Hi: map[string][]float64{"80": {1030, 1035}, "99.5": {1100, 1120}}},
		Assets: []job.Asset{
			{Asset: "DAX", Model: "auto", Skill: &skill, Mean: []float64{5473.965, 0.012345678},
				Lo: map[string][]float64{"80": {5400, -12.5}, "99.5": {5300.123, 0}},
				Hi: map[string][]float64{"80": {5500, 100000}, "99.5": {5600, 1234567.8}}},
			{Asset: "SMI", Model: "naive", Fallback: "too short for ar: naive was used", Mean: []float64{1, 2}},
			{Asset: "OLD", Error: &job.Error{Code: "stale", Detail: "it ends 90 days before the others"}},
		},
	}
	var got bytes.Buffer
	printAnswer(&got, answer)
	want := `ASSET    MODEL  SKILL  STEP       MEAN     LO-80    HI-80  LO-99.5  HI-99.5
DAX      auto   0.971     1    5473.97   5400.00  5500.00  5300.12  5600.00
                          2  0.0123457  -12.5000   100000  0.00000  1234568
SMI      naive            1    1.00000
                          2    2.00000
overall                   1    1010.50   990.000  1030.00  900.000  1100.00
                          2    1011.00   985.000  1035.00  890.000  1120.00
SMI: too short for ar: naive was used
OLD has no forecast: it ends 90 days before the others
`
	if diff := cmp.Diff(want, got.String()); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestAnswerOfAFailedJob(t *testing.T) {
	t.Parallel()
	var got bytes.Buffer
	printAnswer(&got, job.Answer{State: job.Failed, Error: &job.Error{Code: "no-data", Detail: "the range holds no data"}})
	if want := "The job has no forecast: the range holds no data\n"; got.String() != want {
		t.Errorf("got %q", got.String())
	}
}

func TestNumber(t *testing.T) {
	t.Parallel()
	for v, want := range map[float64]string{
		0: "0.00000", 1: "1.00000", -1.5: "-1.50000", 9.999996: "10.00000", 12.3456789: "12.3457", 99999.94: "99999.9",
		123456.7: "123457", 1e11: "100000000000", 1e12: "1e+12", 0.00012345: "0.000123450", -0.5: "-0.500000", 0.00005: "5e-05",
	} {
		if got := number(v); got != want {
			t.Errorf("%v: got %s, want %s", v, got, want)
		}
	}
}
