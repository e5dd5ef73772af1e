package main

import (
	"fmt"
	"strings"

	"foliocast/internal/series"
	"foliocast/mpicalc/forecast"
)

// trialCase is one series whose future is known.
type trialCase struct {
	train, actual []float64
	freq          series.Freq
	season        int // of the measures
}

// cases are what there is to forecast, asset by asset.
func (b *backtest) cases(table *series.Table) ([]trialCase, error) {
	if b.actual == "" {
		return b.heldBack(table)
	}
	actual, err := b.read(b.actual)
	if err != nil {
		return nil, err
	}
	defer actual.Close()
	var all []trialCase
	var unknown []string
	for k, name := range actual.Names() {
		i, ok := table.Index(name)
		if !ok || len(table.Values(i)) == 0 {
			unknown = append(unknown, name)
			continue
		}
		if err := b.follows(table, i, actual, k); err != nil {
			return nil, err
		}
		// The file of actual values may be unmapped before they are looked at.
		values := append([]float64(nil), actual.Values(k)...)
		all = append(all, trialCase{table.Values(i), values, table.FreqOf(i), b.seasonOf(table.FreqOf(i))})
	}
	if len(unknown) > 0 {
		return nil, fmt.Errorf("--input has no values of %d assets of --actual: %s", len(unknown), strings.Join(unknown[:min(5, len(unknown))], ", "))
	}
	b.omitted = table.Len() - len(all)
	return all, nil
}

// follows checks that the actual values of an asset can be what came after the input. Steps may begin anew.
func (b *backtest) follows(table *series.Table, i int, actual *series.Table, k int) error {
	name := table.Names()[i]
	n := len(actual.Values(k))
	if n < 1 || n > forecast.MaxHorizon {
		return fmt.Errorf("--actual has %d values of %q, and 1 to %d can be judged", n, name, forecast.MaxHorizon)
	}
	if table.Kind() != series.Step && table.Kind() == actual.Kind() && actual.Start(k).Compare(table.End(i)) <= 0 {
		return fmt.Errorf("the actual values of %q begin at %s, and --input goes on to %s", name, actual.Start(k), table.End(i))
	}
	return nil
}

// leastTrain is how many values must be left to learn from.
const leastTrain = 2

// heldBack cuts cases off the end of each series, for each origin that leaves something to learn from.
func (b *backtest) heldBack(table *series.Table) ([]trialCase, error) {
	var all []trialCase
	most := 0
	for i := range table.Len() {
		values := table.Values(i)
		fit := (len(values) - leastTrain) / b.horizon
		most = max(most, fit)
		for k := range min(b.origins, fit) {
			end := len(values) - k*b.horizon
			cut := end - b.horizon
			all = append(all, trialCase{values[:cut:cut], values[cut:end], table.FreqOf(i), b.seasonOf(table.FreqOf(i))})
		}
		switch {
		case fit < 1:
			b.omitted++
		case fit < b.origins:
			b.shortened++
		}
	}
	if most > 0 && most < b.origins {
		return nil, fmt.Errorf("--origins must be at most %d, is %d: the longest series of --input has no more origins at --horizon %d", most, b.origins, b.horizon)
	}
	return all, nil
}

// seasonOf is the season of the measures for a frequency, as the M4 competition has them.
func (b *backtest) seasonOf(freq series.Freq) int {
	if b.season > 0 {
		return b.season
	}
	switch freq {
	case "H":
		return 24
	case "M":
		return 12
	case "Q":
		return 4
	}
	return 1
}
