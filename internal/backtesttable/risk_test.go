package backtesttable_test

import (
	"os"

	"foliocast/internal/backtesttable"
	"foliocast/internal/job"
)

func riskExample() (job.Backtest, []job.Asset) {
	step := func(n int, p *float64) job.RiskStep {
		return job.RiskStep{Step: 1, Values: n, PITP: p,
			Intervals: map[string]job.IntervalScore{"90": {Coverage: 0.875, Score: 0.05, EWMA: 0.9, EWMAScore: 0.0625, Volatility: []job.Decile{{}, {Values: 4, Inside: 3}, {Values: 4, Inside: 4}}}},
			Bands:     map[string]job.BandScore{"90": {Values: 8, Inside: 7}},
			Tails:     map[string]job.TailScore{"99": {Hits: 1, Expected: 0.08, Kupiec: p, Markov: p, Both: p, Z2: p}, "95": {Hits: 2, Expected: 0.4}}}
	}
	return job.Backtest{Remarks: []string{"One remark."}, Risk: &job.BacktestRisk{Model: "naive", Origins: 8, Assets: []job.RiskStep{step(16, nil)}, Overall: []job.RiskStep{step(8, ptr(0.25))},
			Passed: []job.RiskTests{{Step: 1, Level: "99", Assets: 2, Kupiec: 2, Markov: 1, Both: 1}}}},
		[]job.Asset{{Asset: "DAX", Risk: []job.RiskStep{step(8, ptr(0.5))}}, {Asset: "none", Error: &job.Error{Code: "no-data"}}}
}

func ExampleWriteText_risk() {
	b, assets := riskExample()
	if err := backtesttable.WriteText(os.Stdout, b, assets); err != nil {
		panic(err)
	}
	// Output:
	// Forecasts of naive from 8 origins, a horizon apart
	//
	// INTERVALS     STEP  LEVEL  VALUES  COVERAGE  IN WORST DECILE  SCORE  EWMA SCORE  EWMA COVERAGE  PIT P
	// (overall)        1     90       8     0.875            0.750   0.05      0.0625          0.900  0.250
	// (all assets)     1     90      16     0.875            0.750   0.05      0.0625          0.900
	// DAX              1     90       8     0.875            0.750   0.05      0.0625          0.900  0.500
	//
	// BANDS         UP TO STEP  LEVEL  PATHS  INSIDE
	// (overall)              1     90      8   0.875
	// (all assets)           1     90      8   0.875
	// DAX                    1     90      8   0.875
	//
	// RISK          STEP  LEVEL  HITS  EXPECTED  KUPIEC P  INDEPENDENCE P  BOTH P     Z2  Z2 P
	// (overall)        1     95     2       0.4
	// (overall)        1     99     1       0.1     0.250           0.250   0.250  0.250
	// (all assets)     1     95     2       0.4
	// (all assets)     1     99     1       0.1
	// DAX              1     95     2       0.4
	// DAX              1     99     1       0.1     0.500           0.500   0.500  0.500
	// Value at risk at 99 %, step 1: of 2 assets 2 pass Kupiec's test at 5 %, 1 Christoffersen's of independence, 1 both at once, 0 that of the expected shortfall.
	// One remark.
}

func ExampleRiskWriter() {
	b, assets := riskExample()
	w, err := backtesttable.NewRiskWriter(os.Stdout, *b.Risk)
	if err != nil {
		panic(err)
	}
	for _, a := range assets {
		if err := w.Write(a.Asset, a.Risk); err != nil {
			panic(err)
		}
	}
	if err := w.Flush(); err != nil {
		panic(err)
	}
	// Output:
	// series,step,of,level,values,coverage,score,ewma-coverage,ewma-score,least-coverage-of-a-decile,hits,expected,kupiec-p,independence-p,conditional-p,z2,z2-p,pit-p
	// (overall),1,interval,90,8,0.875,0.05,0.9,0.0625,0.75,,,,,,,,0.25
	// (overall),1,band,90,8,0.875,,,,,,,,,,,,
	// (overall),1,risk,95,8,,,,,,2,0.4,,,,,,0.25
	// (overall),1,risk,99,8,,,,,,1,0.08,0.25,0.25,0.25,0.25,,0.25
	// (all assets),1,interval,90,16,0.875,0.05,0.9,0.0625,0.75,,,,,,,,
	// (all assets),1,band,90,8,0.875,,,,,,,,,,,,
	// (all assets),1,risk,95,16,,,,,,2,0.4,,,,,,
	// (all assets),1,risk,99,16,,,,,,1,0.08,,,,,,
	// DAX,1,interval,90,8,0.875,0.05,0.9,0.0625,0.75,,,,,,,,0.5
	// DAX,1,band,90,8,0.875,,,,,,,,,,,,
	// DAX,1,risk,95,8,,,,,,2,0.4,,,,,,0.5
	// DAX,1,risk,99,8,,,,,,1,0.08,0.5,0.5,0.5,0.5,,0.5
}
