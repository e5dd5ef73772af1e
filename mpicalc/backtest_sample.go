package main

import (
	"fmt"

	"foliocast/internal/series"
	"foliocast/mpicalc/forecast"
)

// sample is one series and what is known of the steps after it.
type sample struct {
	train   []float64
	horizon int       // the steps up to the last known value
	at      []int     // the steps, from 0, whose values are known
	actual  []float64 // those values
	freq    series.Freq
	season  int     // of the accuracy measures
	scale   float64 // of the scaled error, see [forecast.SeasonalScale]
}

// samples returns what there is to forecast, asset by asset.
func (b *backtest) samples(table *series.Table) ([]sample, error) {
	if b.actual == "" {
		return b.holdOut(table)
	}
	actual, err := b.read(b.actual, "")
	if err != nil {
		return nil, err
	}
	defer actual.Close()
	return b.match(table, actual)
}

// sampleOf returns a sample that trains on the first n values of an asset, without actual values.
func (b *backtest) sampleOf(table *series.Table, i, n int) sample {
	s := sample{train: table.Values(i)[:n:n], freq: table.FreqOf(i), season: b.seasonOf(table.FreqOf(i))}
	var values []float64
	var slots []int64
	for k := range observed(table, i, 0) {
		if k >= n {
			break
		}
		values, slots = append(values, s.train[k]), append(slots, int64(k))
	}
	s.scale = forecast.SeasonalScale(values, slots, s.season)
	return s
}

// minTrain is the least number of values to train on.
const minTrain = 2

// holdOut splits each series at each origin that leaves enough values to train on. Values that were filled in are held out
// but not scored.
func (b *backtest) holdOut(table *series.Table) ([]sample, error) {
	var all []sample
	most := 0
	for i := range table.Len() {
		values := table.Values(i)
		origins := (len(values) - minTrain) / b.horizon
		most = max(most, origins)
		for k := range min(b.origins, origins) {
			end := len(values) - k*b.horizon
			s := b.sampleOf(table, i, end-b.horizon)
			for n := range observed(table, i, end-b.horizon) {
				if n >= end {
					break
				}
				s.at, s.actual, s.horizon = append(s.at, n-end+b.horizon), append(s.actual, values[n]), b.horizon
			}
			if len(s.at) > 0 {
				all = append(all, s)
			}
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

// known returns those of a forecast's steps whose actual values are known.
func (s *sample) known(steps []float64) []float64 {
	values := make([]float64, len(s.at))
	for n, step := range s.at {
		values[n] = steps[step]
	}
	return values
}
