package backtesttable_test

import (
	"os"
	"strings"
	"testing"

	"foliocast/internal/backtesttable"
	"foliocast/internal/job"
)

func ptr(v float64) *float64 { return &v }

func example() job.Backtest {
	return job.Backtest{
		Scores: []job.Score{
			{Model: "auto", Series: 2, Forecasts: 4, SMAPE: ptr(4.5), MASE: ptr(0.8125), OWA: ptr(0.9), WQL: ptr(0.05), Coverage: map[string]*float64{"95": ptr(0.95), "80": ptr(0.75), "9.5": nil},
				MSIS: map[string]*float64{"95": ptr(5), "80": ptr(4)}},
			{Model: "(Naive2)", Series: 2, Forecasts: 4, SMAPE: ptr(5), MASE: nil, OWA: ptr(1)},
		},
		Short: 1,
		Comparison: &job.Comparison{A: "auto", B: "theta", Series: 2, Difference: ptr(-0.25), Lo: ptr(-0.5), Hi: ptr(0), P: ptr(0.05), PSignedRank: ptr(0.00001),
			MedianRatio: ptr(0.9), Better: 1, Worse: 1, DM: &job.DM{Series: 2, Better: 1}},
	}
}

func ExampleWriteText() {
	if err := backtesttable.WriteText(os.Stdout, example(), nil); err != nil {
		panic(err)
	}
	// Output:
	// MODEL     SERIES  FORECASTS  SMAPE   MASE    OWA     WQL  COVERAGE-9.5  COVERAGE-80  COVERAGE-95  MSIS-9.5  MSIS-80  MSIS-95
	// auto           2          4  4.500  0.812  0.900  0.0500                      0.750        0.950              4.000    5.000
	// (Naive2)       2          4  5.000         1.000
	// 1 series are too short for all origins and were evaluated at fewer.
	// auto against theta on 2 series: MASE -0.2500 (95 %: -0.5000 to +0.0000, p = 0.0500), signed rank p = 1.0e-05, median ratio 0.9000, better on 1, worse on 1. Diebold-Mariano within a series, at 5 %: better on 1, worse on 0 of 2.
}

func ExampleWriteCSV() {
	b := example()
	b.Kinds = []job.KindScores{{Kind: "ME, smooth demand", Scores: b.Scores[:1]}}
	if err := backtesttable.WriteCSV(os.Stdout, b); err != nil {
		panic(err)
	}
	// Output:
	// kind,model,series,forecasts,smape,mase,owa,wql,coverage-9.5,coverage-80,coverage-95,msis-9.5,msis-80,msis-95,against,difference,lo-95,hi-95,p-t,p-signed-rank,median-ratio,better,worse,dm-series,dm-better,dm-worse
	// all,auto,2,4,4.5,0.8125,0.9,0.05,,0.75,0.95,,4,5,theta,-0.25,-0.5,0,0.05,1e-05,0.9,1,1,2,1,0
	// all,(Naive2),2,4,5,,1,,,,,,,,,,,,,,,,,,,
	// "ME, smooth demand",auto,2,4,4.5,0.8125,0.9,0.05,,0.75,0.95,,4,5,,,,,,,,,,,,
}

func TestSeriesWriter(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	w, err := backtesttable.NewSeriesWriter(&out, []float64{80})
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range []job.Evaluation{
		{Origin: "2024-01-31", Model: "auto", Used: "auto", Members: []job.Member{{Name: "ar", Weight: 0.25}, {Name: "theta", Weight: 0.75}}, Values: 3, SMAPE: ptr(1), WQL: ptr(0.5),
			Coverage: map[string]*float64{"80": ptr(1)}, MSIS: map[string]*float64{"80": nil}},
		{Origin: "2024-01-31", Model: "ar", Values: 3, Error: "a value is not finite"},
	} {
		if err := w.Write("A,B", "D", e); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	const want = "unique_id,kind,origin,model,used,members,values,smape,mase,wql,coverage-80,msis-80,error\n" +
		"\"A,B\",D,2024-01-31,auto,auto,ar 0.25; theta 0.75,3,1,,0.5,1,,\n" +
		"\"A,B\",D,2024-01-31,ar,,,3,,,,,,a value is not finite\n"
	if out.String() != want {
		t.Errorf("got\n%swant\n%s", out.String(), want)
	}
}
