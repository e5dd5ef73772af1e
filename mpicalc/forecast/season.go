package forecast

import "slices"

// findSeasons appends the seasonal periods of y to dst: those given in the options, or those that belong to the
// frequency.
func (e *Engine) findSeasons(dst []int, y []float64) []int {
	given := e.options.Seasons
	if given == nil {
		given = frequencySeasons(e.options.Freq)
	}
	for _, m := range given {
		if m > 1 {
			dst = append(dst, m)
		}
	}
	slices.Sort(dst)
	return slices.Compact(dst)
}

// frequencySeasons returns the periods that a frequency can bring: day and week of hourly data, week and year of
// daily data, the year of weekly, monthly and quarterly data.
func frequencySeasons(f Freq) []int {
	switch f {
	case Hourly:
		return []int{24, 168}
	case Daily:
		return []int{7, 365}
	case BusinessDays:
		return []int{5, 261}
	case Weekly:
		return []int{52}
	case Monthly:
		return []int{12}
	case Quarterly:
		return []int{4}
	}
	return nil
}
