package backtest

import (
	"iter"
	"time"

	"foliocast/internal/series"
	"foliocast/internal/series/calendar"
	"foliocast/mpicalc/forecast"
	"foliocast/mpicalc/portfolio"
	"foliocast/mpicalc/spmd"
)

// Sample is one forecast to make, and what is known of the steps after its origin.
type Sample struct {
	Asset   int // its number in the table
	Name    string
	Origin  series.Time // of the last value of Train
	Train   []float64
	Skips   []forecast.Skip
	X       [][]float64 // the columns that are known in advance, to the last step
	Freq    series.Freq
	Horizon int       // the steps up to the last known value
	At      []int     // the steps, from 0, whose values are known; nil means all
	Actual  []float64 // those values
	Season  int       // of the accuracy measures
	Scale   float64   // of the scaled error, see [forecast.SeasonalScale]
	Kind    string    // of the series, see [Class]
	In      spmd.Ref  // where Train is stored, or zero
}

// known returns those of a forecast's steps whose actual values are known.
func (s *Sample) known(steps []float64) []float64 {
	if s.At == nil {
		return steps[:len(s.Actual)]
	}
	values := make([]float64, len(s.At))
	for n, step := range s.At {
		values[n] = steps[step]
	}
	return values
}

// Samples is a list of samples in which those of one asset stand together, the newest origin first.
type Samples interface {
	Len() int
	// Asset is the asset of sample i.
	Asset(i int) int
	// Question is sample i without Scale and Kind, which take time to compute.
	Question(i int) Sample
	// Sample is sample i.
	Sample(i int) Sample
}

// List is a list of samples in memory.
type List []Sample

// Len is the number of samples.
func (l List) Len() int { return len(l) }

// Asset is the asset of sample i.
func (l List) Asset(i int) int { return l[i].Asset }

// Question is sample i.
func (l List) Question(i int) Sample { return l[i] }

// Sample is sample i.
func (l List) Sample(i int) Sample { return l[i] }

// Source makes samples of the series of a table.
type Source struct {
	Table *series.Table
	// Season is the season of the accuracy measures; 0 means that of the frequency, see [Season].
	Season int
	// By are the classes that make the kind of a series.
	By []Class
	// File is where the values of Stored are stored, the table of which Table is a part; or nil.
	File   *spmd.File
	Stored *series.Table
	// X are columns that are known in advance; [portfolio.CheckColumns] must have found that they lack nothing.
	X []portfolio.Column

	last source // the series that was looked at last
}

// source is what the samples of one series share.
type source struct {
	known    bool
	asset    int
	observed []int // positions of the values that the file has
	slots    []int // in the calendar
	skips    []series.Skip
	x        [][]float64 // the columns beside all values
	kind     string
	kindOf   int // the training length that it is the kind of
}

// series looks up asset i.
func (s *Source) series(i int) *source {
	if !s.last.known || s.last.asset != i {
		s.last = source{known: true, asset: i, slots: s.Table.Slots(i, 0), skips: s.Table.Skips(i, 0)}
		for n := range Observed(s.Table, i, 0) {
			s.last.observed = append(s.last.observed, n)
		}
		var err error
		if s.last.x, err = s.Beside(i, nil); err != nil {
			panic(err)
		}
	}
	return &s.last
}

// Beside are the values of the columns that are known in advance, at the times of an asset and at the times next, which follow
// its last. The error is a *portfolio.Error.
func (s *Source) Beside(asset int, next []series.Time) ([][]float64, error) {
	steps := func(int) []series.Time { return next }
	if err := portfolio.CheckColumns(s.Table, []int{asset}, steps, s.X); err != nil {
		return nil, err
	}
	var all [][]float64
	for _, c := range s.X {
		values, err := s.Table.Beside(asset, next, c.Table, c.Name)
		if err != nil {
			return nil, err
		}
		all = append(all, values)
	}
	return all, nil
}

// Question returns a sample that trains on the first n values of an asset, without actual values, Scale and Kind.
func (s *Source) Question(asset, n int) Sample {
	sample := Sample{Asset: asset, Name: s.Table.Names()[asset], Origin: s.Table.At(asset, n-1), Train: s.Table.Values(asset)[:n:n],
		Freq: s.Table.FreqOf(asset), Season: s.season(asset)}
	if s.File != nil {
		if from, ok := s.Table.PartOf(s.Stored, asset); ok {
			sample.In = spmd.Ref{File: s.File, Asset: asset, From: from, To: from + n}
		}
	}
	return sample
}

// Complete gives a sample its Scale and its Kind, which is that of the first n values of its series.
func (s *Source) Complete(sample *Sample, n int) {
	from := s.series(sample.Asset)
	values, slots := from.until(sample.Train)
	sample.Scale = forecast.SeasonalScale(values, slots, sample.Season)
	if from.kind == "" || from.kindOf != n {
		values, slots := from.until(s.Table.Values(sample.Asset)[:n])
		from.kind, from.kindOf = kindOf(s.By, features{s.Table.FreqOf(sample.Asset), values, slots, s.longSeason(sample.Asset)}), n
	}
	sample.Kind = from.kind
}

// until are the observed values of a training part, with their slots.
func (from *source) until(train []float64) (values []float64, slots []int64) {
	for _, n := range from.observed {
		if n >= len(train) {
			break
		}
		values, slots = append(values, train[n]), append(slots, int64(from.slots[n]))
	}
	return values, slots
}

func (s *Source) season(asset int) int {
	if s.Season > 0 {
		return s.Season
	}
	return Season(s.Table.CalendarOf(asset))
}

// longSeason is the season whose strength is a class: that of the accuracy measures, and where they have none the shortest of
// the calendar.
func (s *Source) longSeason(asset int) int {
	m := s.season(asset)
	if c := s.Table.CalendarOf(asset); m == 1 && s.Season == 0 && c != nil && len(c.Seasons()) > 0 {
		m = c.Seasons()[0]
	}
	return m
}

// Season returns the season of the accuracy measures, as in the M4 competition: the day for times of day, the year for
// months and longer periods, and none for days and weeks.
func Season(c *calendar.Calendar) int {
	const day = 24 * time.Hour
	if c == nil || len(c.Seasons()) == 0 {
		return 1
	}
	if period := time.Duration(c.Period()) * time.Microsecond; period >= day && period < 15*day {
		return 1
	}
	return c.Seasons()[0]
}

// Observed yields the positions of the values of an asset, from the given one on, that its file has: not of those that were
// filled in.
func Observed(t *series.Table, asset, from int) iter.Seq[int] {
	return func(yield func(int) bool) {
		filled := t.FilledAt(asset)
		next := 0
		for n := range t.Values(asset) {
			if next < len(filled) && int(filled[next]) == n {
				next++
			} else if n >= from && !yield(n) {
				return
			}
		}
	}
}

// skipsBefore are the skips before value n, as the models know them.
func (from *source) skipsBefore(n int) []forecast.Skip {
	for k, s := range from.skips {
		if int(s.At) >= n {
			return portfolio.Skips(from.skips[:k])
		}
	}
	return portfolio.Skips(from.skips)
}
