package main

import (
	"fmt"
	"strings"

	"foliocast/internal/series"
	"foliocast/mpicalc/forecast"
)

// sample is one series whose future is known.
type sample struct {
	train, actual []float64
	freq          series.Freq
	season        int // of the accuracy measures
}

// samples returns what there is to forecast, asset by asset.
func (b *backtest) samples(table *series.Table) ([]sample, error) {
	if b.actual == "" {
		return b.holdOut(table)
	}
	actual, err := b.read(b.actual)
	if err != nil {
		return nil, err
	}
	defer actual.Close()
	var all []sample
	var unknown []string
	for k, name := range actual.Names() {
		i, ok := table.Index(name)
		if !ok || len(table.Values(i)) == 0 {
			unknown = append(unknown, name)
			continue
		}
		if err := b.checkActual(table, i, actual, k); err != nil {
			return nil, err
		}
		// The values outlive the mapping of their file.
		values := append([]float64(nil), actual.Values(k)...)
		all = append(all, sample{table.Values(i), values, table.FreqOf(i), b.seasonOf(table.FreqOf(i))})
	}
	if len(unknown) > 0 {
		return nil, fmt.Errorf("--input has no values of %d assets of --actual: %s", len(unknown), strings.Join(unknown[:min(5, len(unknown))], ", "))
	}
	b.omitted = table.Len() - len(all)
	return all, nil
}

// checkActual checks that the actual values of an asset can follow its input. Integer steps may begin at 1 again.
func (b *backtest) checkActual(table *series.Table, i int, actual *series.Table, k int) error {
	name := table.Names()[i]
	n := len(actual.Values(k))
	if n < 1 || n > forecast.MaxHorizon {
		return fmt.Errorf("--actual has %d values of %q, but a horizon is 1 to %d steps", n, name, forecast.MaxHorizon)
	}
	if table.Kind() != series.Step && table.Kind() == actual.Kind() && actual.Start(k).Compare(table.End(i)) <= 0 {
		return fmt.Errorf("the actual values of %q begin at %s, but its --input ends at %s", name, actual.Start(k), table.End(i))
	}
	return nil
}

// minTrain is the least number of values to train on.
const minTrain = 2

// holdOut splits each series at each origin that leaves enough values to train on.
func (b *backtest) holdOut(table *series.Table) ([]sample, error) {
	var all []sample
	most := 0
	for i := range table.Len() {
		values := table.Values(i)
		origins := (len(values) - minTrain) / b.horizon
		most = max(most, origins)
		for k := range min(b.origins, origins) {
			end := len(values) - k*b.horizon
			cut := end - b.horizon
			all = append(all, sample{values[:cut:cut], values[cut:end], table.FreqOf(i), b.seasonOf(table.FreqOf(i))})
		}
		switch {
		case origins < 1:
			b.omitted++
		case origins < b.origins:
			b.shortened++
		}
	}
	if most > 0 && most < b.origins {
		return nil, fmt.Errorf("--origins must be at most %d, is %d: the longest series of --input has no more at --horizon %d", most, b.origins, b.horizon)
	}
	return all, nil
}

// seasonOf returns the season of the accuracy measures for a frequency, as in the M4 competition.
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
