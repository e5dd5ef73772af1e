package series

import (
	"slices"
	"time"
)

// infer finds the frequency and the step of ascending times by the median of the distances between neighbors.
func infer(kind Kind, times []int64) (Freq, int64) {
	if len(times) < 2 {
		return "", 0
	}
	median := medianStep(times)
	if kind == Step {
		return "", median
	}
	day := kind.day()
	between := func(low, high float64) bool {
		days := float64(median) / float64(day)
		return days >= low && days <= high
	}
	switch {
	case kind != Date && median == day/24:
		return "H", median
	case between(0.9, 1.1):
		if mostlyWeekdays(kind, times) {
			return "B", 0
		}
		return "D", day
	case between(6.5, 7.5):
		return "W", 7 * day
	case between(27.5, 31.5):
		return "M", 0
	case between(88, 93):
		return "Q", 0
	case between(360, 370):
		return "Y", 0
	}
	return "", median
}

// medianStep is the lower median of the distances between neighbors.
func medianStep(times []int64) int64 {
	// If one distance makes up more than half of all, it is the median. Most files have such a distance, which a majority
	// vote (Boyer and Moore, 1981) finds without sorting.
	candidate, votes := int64(0), 0
	for k := 1; k < len(times); k++ {
		switch d := times[k] - times[k-1]; {
		case votes == 0:
			candidate, votes = d, 1
		case d == candidate:
			votes++
		default:
			votes--
		}
	}
	count := 0
	for k := 1; k < len(times); k++ {
		if times[k]-times[k-1] == candidate {
			count++
		}
	}
	if 2*count > len(times)-1 {
		return candidate
	}
	steps := make([]int64, len(times)-1)
	for k := range steps {
		steps[k] = times[k+1] - times[k]
	}
	slices.Sort(steps)
	return steps[(len(steps)-1)/2]
}

// mostlyWeekdays reports whether fewer than one time in twenty fall on a weekend. Exchanges have a session on a Saturday now
// and then.
func mostlyWeekdays(kind Kind, times []int64) bool {
	weekend := 0
	for _, t := range times {
		if onWeekend(kind, t) {
			weekend++
		}
	}
	return weekend*20 < len(times)
}

// onWeekend reports whether a time that is not a step falls on a Saturday or a Sunday.
func onWeekend(kind Kind, t int64) bool {
	days := floorDiv(t, kind.day())
	weekday := time.Weekday((days%7 + 7 + int64(time.Thursday)) % 7) // 1970-01-01 was a Thursday
	return weekday == time.Saturday || weekday == time.Sunday
}

// finish completes the axis and notes whether gaps remain.
func (a *Axis) finish(kind Kind) {
	a.complete(kind)
	longest := a.longest(kind)
	for k := 1; k < len(a.times) && longest > 0 && !a.gaps; k++ {
		a.gaps = a.times[k]-a.times[k-1] > longest
	}
}

// longest is the longest distance between neighboring times that is not a gap, or 0 when the frequency does not tell:
// holidays may close an exchange for up to a week; in other calendars it is one and a half periods.
func (a *Axis) longest(kind Kind) int64 {
	day := kind.day()
	switch {
	case kind == Step:
		return 3 * a.step / 2
	case a.freq == "B":
		return 7 * day
	case a.freq == "D":
		return 3 * day / 2
	case a.freq == "W":
		return 10 * day
	}
	return int64(a.freq.months()) * 45 * day
}

// complete inserts the times that a regular axis lacks. It leaves the axis unchanged when its times are not on one grid,
// when more than half of the result would be inserted, and for business days, which lack holidays. Integer steps have no
// calendar, even when the options give them a frequency.
func (a *Axis) complete(kind Kind) {
	switch {
	case len(a.times) < 3 || a.freq == "B" && kind != Step:
	case a.freq.months() > 0 && kind != Step:
		a.completeMonths(kind)
	case a.step > 0:
		a.completeSteps()
	}
}

func (a *Axis) completeSteps() {
	n := len(a.times)
	for k := 1; k < n; k++ {
		if (a.times[k]-a.times[k-1])%a.step != 0 {
			return
		}
	}
	whole := (a.times[n-1]-a.times[0])/a.step + 1
	if whole == int64(n) || whole > 2*int64(n) {
		return
	}
	times := make([]int64, whole)
	for k := range times {
		times[k] = a.times[0] + int64(k)*a.step
	}
	a.times = times
}

func (a *Axis) completeMonths(kind Kind) {
	every := a.freq.months()
	n := len(a.times)
	whole := 1
	steps := make([]int, n) // periods from the time before
	for k := 1; k < n; k++ {
		steps[k] = (monthNumber(kind, a.times[k]) - monthNumber(kind, a.times[k-1]) + every/2) / every
		if steps[k] < 1 || steps[k] > 2*n {
			return
		}
		whole += steps[k]
	}
	if whole == n || whole > 2*n {
		return
	}
	rule := dayRuleOf(kind, a.times)
	times := append(make([]int64, 0, whole), a.times[0])
	for k := 1; k < n; k++ {
		for p := 1; p < steps[k]; p++ {
			times = append(times, addMonths(kind, a.times[k-1], p*every, rule))
		}
		times = append(times, a.times[k])
	}
	if _, from := ascending(times); from == nil {
		a.times = times
	}
}
