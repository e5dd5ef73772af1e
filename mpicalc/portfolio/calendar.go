package portfolio

import (
	"slices"
	"time"

	"foliocast/internal/series"
	"foliocast/internal/series/calendar"
	"foliocast/mpicalc/forecast"
)

// Skips are the empty slots of a series as the models know them.
func Skips(skips []series.Skip) []forecast.Skip {
	var out []forecast.Skip
	for _, s := range skips {
		out = append(out, forecast.Skip(s))
	}
	return out
}

// Calendar returns what a frequency says of the seasons of a series: the typical time between two values, 0 when it is not
// known, and the usual seasonal periods that a model can have.
func Calendar(freq series.Freq) (step time.Duration, periods []int) {
	if freq == "" {
		return 0, nil
	}
	c, err := calendar.Parse(string(freq))
	if err != nil {
		return 0, nil
	}
	periods = slices.DeleteFunc(c.Seasons(), func(m int) bool { return m > forecast.MaxSeason })
	return time.Duration(c.Period()) * time.Microsecond, periods
}
