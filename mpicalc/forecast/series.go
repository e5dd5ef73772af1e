package forecast

import "fmt"

// Series is one series to forecast: its values, and where they stand in their calendar.
type Series struct {
	// Values are the observations, oldest first.
	Values []float64
	// Before is how many older values are left out of Values, as Options.Unread allows: the answer is the same as with them. Skips and
	// Ends count them.
	Before int
	// Skips are the slots of the calendar that hold no value, such as the holidays of business days, in ascending order of
	// At. The phase of a season is counted in slots: with a weekly season of five business days, the Monday after a holiday
	// is still a Monday. nil means that every slot up to the end of the forecast holds a value. A series with more empty
	// slots than values is forecast as if it had none.
	Skips []Skip
	// Ends are the training lengths at which Result.Errors are measured, descending, each at least 1 and less than
	// len(Values). nil means those of the rule that Origins describes, and an empty slice means none.
	// They change neither the forecast nor its intervals, and are ignored without Options.Levels.
	Ends []int
	// WalkEnds are the training lengths at which they are measured instead when the forecast is as good as naive: as for Ends,
	// but there may be hundreds, since naive needs no fit. WalkStride is how many values lie between two of them, as a rule.
	WalkEnds   []int
	WalkStride int
	// Targets says which error each step of Result.Paths takes its rank from: for each origin of Ends, or of as many WalkEnds, and each
	// step of a path, the step of that error, from 1, or 0 for none. So paths of series with different holidays are joint by date. nil
	// means that each step takes its own.
	Targets []int
	// Stream tells apart what is drawn for paths that are not joint: those of series with the same stream are.
	Stream uint64
	// Regressors are columns that are known in advance, such as prices and promotions, at most MaxRegressors, each of one
	// number for every value and every step of the horizon. Any model forecasts what they do not explain, see
	// Result.Coefficients.
	Regressors [][]float64
}

// Skip says that Count slots without a value lie directly before value At of the series. When At is len(Values)+k, they lie
// before step k+1 of the forecast.
type Skip struct {
	At    int32
	Count int32
}

// check panics when s is not what its documentation says: that is a fault of the caller, not of the data.
func (s *Series) check(horizon int) {
	if k := len(s.Regressors); k > MaxRegressors {
		panic(fmt.Sprintf("forecast: %d regressors, and a series may have %d", k, MaxRegressors))
	}
	for i, x := range s.Regressors {
		if len(x) != len(s.Values)+horizon {
			panic(fmt.Sprintf("forecast: regressor %d has %d numbers for %d values and %d steps", i+1, len(x), len(s.Values), horizon))
		}
	}
	for i, k := range s.Skips {
		if k.Count < 1 || k.At < 1 || i > 0 && k.At <= s.Skips[i-1].At {
			panic(fmt.Sprintf("forecast: skip %d is %+v, and skips must have a count, ascend and lie after the first value", i, k))
		}
	}
	s.checkEnds(s.Ends)
	s.checkEnds(s.WalkEnds)
	if n := len(s.Targets); n > 0 && (n != len(s.Ends)*horizon || len(s.WalkEnds) > 0 && n != len(s.WalkEnds)*horizon) {
		panic(fmt.Sprintf("forecast: %d targets for %d ends and %d steps", n, len(s.Ends), horizon))
	}
	for i, step := range s.Targets {
		if step < 0 || step > horizon {
			panic(fmt.Sprintf("forecast: target %d is step %d of %d", i, step, horizon))
		}
	}
}

func (s *Series) checkEnds(ends []int) {
	for i, n := range ends {
		if n < 1 || n >= s.Before+len(s.Values) || i > 0 && n >= ends[i-1] {
			panic(fmt.Sprintf("forecast: end %d of a series of %d values is %d, and ends must descend from below that to 1", i, s.Before+len(s.Values), n))
		}
	}
}
