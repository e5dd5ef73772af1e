package main

import (
	"fmt"
	"time"

	"foliocast/internal/series"
	"foliocast/internal/series/calendar"
	"foliocast/mpicalc/forecast"
	"foliocast/mpicalc/portfolio"
)

// sample is one series and what is known of the steps after it.
type sample struct {
	train   []float64
	horizon int       // the steps up to the last known value
	at      []int     // the steps, from 0, whose values are known
	actual  []float64 // those values
	skips   []forecast.Skip
	freq    series.Freq
	season  int     // of the accuracy measures
	scale   float64 // of the scaled error, see [forecast.SeasonalScale]
}

// samples returns what there is to forecast, asset by asset.
func (b *backtest) samples(table *series.Table) ([]sample, error) {
	if b.actual == "" {
		return b.holdOut(table)
	}
	file, err := b.read(b.actual, "")
	if err != nil {
		return nil, err
	}
	defer file.Close()
	actual := file
	if b.resample != "" { // as the input
		if actual, err = b.prepare(file, ""); err != nil {
			return nil, err
		}
	}
	return b.match(table, actual)
}

// sampleOf returns a sample that trains on the first n values of an asset, without actual values.
func (b *backtest) sampleOf(table *series.Table, i, n int) sample {
	s := sample{train: table.Values(i)[:n:n], freq: table.FreqOf(i), season: b.seasonOf(table.CalendarOf(i))}
	all := table.Slots(i, 0)
	var values []float64
	var slots []int64
	for k := range observed(table, i, 0) {
		if k >= n {
			break
		}
		values, slots = append(values, s.train[k]), append(slots, int64(all[k]))
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
		skips := table.Skips(i, 0)
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
				s.skips = portfolio.Skips(before(skips, end))
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

// before are the skips before value n.
func before(skips []series.Skip, n int) []series.Skip {
	for k, s := range skips {
		if int(s.At) >= n {
			return skips[:k]
		}
	}
	return skips
}

// seasonOf returns the season of the accuracy measures, as in the M4 competition: the day for times of day, the year for
// months and longer periods, and none for days and weeks.
func (b *backtest) seasonOf(c *calendar.Calendar) int {
	const day = 24 * time.Hour
	switch {
	case b.season > 0:
		return b.season
	case c == nil || len(c.Seasons()) == 0:
		return 1
	}
	if period := time.Duration(c.Period()) * time.Microsecond; period >= day && period < 15*day {
		return 1
	}
	return c.Seasons()[0]
}

// known returns those of a forecast's steps whose actual values are known.
func (s *sample) known(steps []float64) []float64 {
	values := make([]float64, len(s.at))
	for n, step := range s.at {
		values[n] = steps[step]
	}
	return values
}
