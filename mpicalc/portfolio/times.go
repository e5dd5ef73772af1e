package portfolio

import (
	"errors"
	"slices"

	"foliocast/internal/job"
	"foliocast/internal/series"
)

// times makes the times of the forecasts as text. Most assets of a dataset end together, so it keeps what it made.
type times struct {
	table   *series.Table // the plan's table, with the frequency that the job names
	horizon int
	made    map[series.Span][]string
}

// timesKept bounds how many lists of times are kept: a list may be as long as the longest horizon.
const timesKept = 64

// of returns the times that follow the last value of an asset, which must have one.
func (t *times) of(asset int) []string {
	span := t.table.Span(asset)
	if made, ok := t.made[span]; ok {
		return made
	}
	if len(t.made) == timesKept {
		clear(t.made)
	}
	made := texts(t.table.Next(asset, t.horizon))
	t.made[span] = made
	return made
}

// texts returns the times as text. All of them share one allocation.
func texts(times []series.Time) []string {
	var text []byte
	ends := make([]int, len(times))
	for k, t := range times {
		text = t.Append(text)
		ends[k] = len(text)
	}
	whole, from := string(text), 0
	out := make([]string, len(times))
	for k, end := range ends {
		out[k] = whole[from:end]
		from = end
	}
	return out
}

// prepareTimes prepares the times of the plan.
func (p *Plan) prepareTimes() error {
	p.times = times{table: p.table, horizon: p.spec.Horizon, made: make(map[series.Span][]string)}
	if p.spec.Freq == "" {
		return nil
	}
	table, err := p.table.WithFreq(series.Freq(p.spec.Freq), string(p.spec.Resample), p.indices()...)
	if fault, ok := errors.AsType[*series.FieldError](err); ok {
		return &Error{Code: "freq", Detail: fault.Reason, Field: fault.Field}
	}
	p.times.table = table
	return err
}

// Times are the times of the forecast of asset i, which must have values, in the form of the dataset's own times. The
// caller must not change them: assets share them.
func (p *Plan) Times(i int) []string { return p.times.of(p.assets[i].index) }

// TimeKind says what the times are.
func (p *Plan) TimeKind() job.TimeKind {
	switch p.table.Kind() {
	case series.Date:
		return job.TimeDate
	case series.Datetime:
		return job.TimeDatetime
	case series.Instant:
		return job.TimeInstant
	}
	return job.TimeStep
}

// commonTimes follows whether the assets of the portfolio share their times.
type commonTimes struct {
	ds    []string // those of the first asset
	mixed bool
}

func (c *commonTimes) add(ds []string) {
	if c.ds == nil {
		c.ds = ds
	}
	c.mixed = c.mixed || !slices.Equal(c.ds, ds)
}

// common returns the times of all assets, or nil when they differ.
func (c *commonTimes) common() []string {
	if c.mixed {
		return nil
	}
	return c.ds
}
