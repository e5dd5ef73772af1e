package backtest

import (
	"slices"
	"strings"

	"foliocast/internal/series"
)

// Class is a way to divide series into a few classes.
type Class string

// The classes. A series that is too short for a class, or whose values it does not fit, is in one that says so.
const (
	// Frequency is the frequency as pandas writes it.
	Frequency Class = "frequency"
	// Length is the number of values: n<50, n<200, n<1000 or n>=1000.
	Length Class = "length"
	// Demand is the pattern of zeros: smooth, erratic, intermittent or lumpy, by the mean interval between values other than
	// zero, ADI, and the squared coefficient of variation of these values, CV² (Syntetos, Boylan and Croston 2005, Journal of
	// the Operational Research Society 56, 495-503: ADI 1.32, CV² 0.49).
	Demand Class = "demand"
	// SeasonStrength is weak or strong: max(0, 1 - Var(R)/Var(S+R)) with the seasonal part S and the remainder R of a classical
	// additive decomposition (Wang, Smith and Hyndman 2006, Data Mining and Knowledge Discovery 13, 335-364). It is strong from
	// 0.64 on, where R's forecast::nsdiffs takes a seasonal difference.
	SeasonStrength Class = "season"
)

// Classes lists the classes.
func Classes() []Class { return []Class{Frequency, Length, Demand, SeasonStrength} }

// ParseClasses reads the names of classes; kind stands for frequency, demand and season. It returns the first name that it
// does not know.
func ParseClasses(names []string) (classes []Class, unknown string) {
	for _, name := range names {
		switch {
		case name == "kind":
			classes = append(classes, Frequency, Demand, SeasonStrength)
		case slices.Contains(Classes(), Class(name)):
			classes = append(classes, Class(name))
		default:
			return nil, name
		}
	}
	var once []Class
	for _, c := range Classes() {
		if slices.Contains(classes, c) {
			once = append(once, c)
		}
	}
	return once, ""
}

// features is what the kind of a series depends on.
type features struct {
	freq   series.Freq
	values []float64
	slots  []int64 // in the calendar, one a value
	season int     // in slots, or 1
}

// kindOf is the kind of a series by the classes, such as "ME, smooth demand, strong season".
func kindOf(by []Class, f features) string {
	var names []string
	for _, class := range by {
		switch class {
		case Frequency:
			if f.freq == "" {
				f.freq = "no frequency"
			}
			names = append(names, string(f.freq))
		case Length:
			names = append(names, lengthClass(len(f.values)))
		case Demand:
			names = append(names, demandClass(f.values))
		case SeasonStrength:
			names = append(names, f.seasonClass())
		}
	}
	return strings.Join(names, ", ")
}

func lengthClass(n int) string {
	switch {
	case n < 50:
		return "n<50"
	case n < 200:
		return "n<200"
	case n < 1000:
		return "n<1000"
	}
	return "n>=1000"
}

func demandClass(y []float64) string {
	count, sum, squares := 0.0, 0.0, 0.0
	for _, v := range y {
		if v < 0 {
			return "negative values"
		}
		if v > 0 {
			count++
			sum += v
		}
	}
	if count == 0 {
		return "zeros only"
	}
	mean := sum / count
	for _, v := range y {
		if v > 0 {
			squares += (v/mean - 1) * (v/mean - 1)
		}
	}
	rare, varied := float64(len(y))/count >= 1.32, count > 1 && squares/(count-1) >= 0.49
	switch {
	case rare && varied:
		return "lumpy demand"
	case rare:
		return "intermittent demand"
	case varied:
		return "erratic demand"
	}
	return "smooth demand"
}

// minPeriods is the least number of periods whose season has a strength: with two, each phase of the decomposition has one
// value, and no remainder.
const minPeriods = 3

func (f features) seasonClass() string {
	switch {
	case f.season < 2:
		return "no season"
	case len(f.values) < minPeriods*f.season:
		return "too short for its season"
	case seasonStrength(f.values, f.slots, f.season) >= 0.64:
		return "strong season"
	}
	return "weak season"
}

// seasonStrength is 1 - Var(R)/Var(S+R), at least 0: S+R is what a centred moving average over m values leaves of y, and S the mean
// of that for each phase.
func seasonStrength(y []float64, slots []int64, m int) float64 {
	half := m / 2
	var rest []float64
	var phase []int
	sums, counts := make([]float64, m), make([]float64, m)
	window := 0.0
	for _, v := range y[:2*half] {
		window += v
	}
	for t := half; t < len(y)-half; t++ {
		window += y[t+half] // y(t-half) to y(t+half)
		trend := window / float64(2*half+1)
		if m%2 == 0 {
			trend = (window - (y[t-half]+y[t+half])/2) / float64(m)
		}
		p := int((slots[t]%int64(m) + int64(m)) % int64(m))
		rest, phase = append(rest, y[t]-trend), append(phase, p)
		sums[p] += y[t] - trend
		counts[p]++
		window -= y[t-half]
	}
	remainder := make([]float64, len(rest))
	for k, d := range rest {
		remainder[k] = d - sums[phase[k]]/counts[phase[k]]
	}
	if variance(rest) <= 1e-12*variance(y) {
		return 0 // a straight line, but for rounding
	}
	return max(0, 1-variance(remainder)/variance(rest))
}

func variance(x []float64) float64 {
	mean, sum := 0.0, 0.0
	for _, v := range x {
		mean += v / float64(len(x))
	}
	for _, v := range x {
		sum += (v - mean) * (v - mean)
	}
	return sum / float64(len(x))
}
