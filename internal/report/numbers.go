package report

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"strconv"

	"foliocast/internal/chart"
	"foliocast/internal/job"
)

// numbers writes the values of one forecast alike: with three digits of the width in which they lie.
type numbers struct {
	width float64
	unit  chart.Unit
}

func (n numbers) text(v float64) string { return chart.Significant(v, n.width, n.unit) }

// at is value k of a row, or empty.
func (n numbers) at(row []float64, k int) string {
	if k >= len(row) {
		return ""
	}
	return n.text(row[k])
}

// numbersOf takes half the width of the widest interval at the first step, or a hundredth of the values where there is none.
func numbersOf(mean []float64, lo, hi map[string][]float64, unit chart.Unit) numbers {
	if l := widest(lo); l != "" && len(lo[l]) > 0 && len(hi[l]) > 0 {
		if w := (hi[l][0] - lo[l][0]) / 2; w > 0 {
			return numbers{w, unit}
		}
	}
	size := 0.0
	for _, v := range mean {
		size = max(size, math.Abs(v)/100)
	}
	return numbers{size, unit}
}

func (m *maker) overallNumbers() numbers {
	f := m.Answer.Overall
	return numbersOf(f.Mean, f.Lo, f.Hi, m.unit())
}

// ascending are the keys of bounds that are numbers, in their order.
func ascending[T any](bounds map[string]T) []string {
	value := func(key string) float64 {
		v, err := strconv.ParseFloat(key, 64)
		if err != nil {
			return math.Inf(1)
		}
		return v
	}
	return slices.SortedFunc(maps.Keys(bounds), func(a, b string) int { return cmp.Compare(value(a), value(b)) })
}

// widest is the highest level, or empty.
func widest(bounds map[string][]float64) string {
	if all := ascending(bounds); len(all) > 0 {
		return all[len(all)-1]
	}
	return ""
}

// intervals are those of a forecast, the narrowest first.
func intervals(lo, hi map[string][]float64) (all []chart.Interval) {
	for _, l := range ascending(lo) {
		all = append(all, chart.Interval{Level: l, Lo: lo[l], Hi: hi[l]})
	}
	return all
}

// times are those of a forecast. Where each asset counts steps of its own, they are the numbers of the steps.
func times(ds []string, steps int) chart.Times {
	if len(ds) == steps {
		return chart.ParseTimes(ds)
	}
	numbers := make([]string, steps)
	for k := range numbers {
		numbers[k] = strconv.Itoa(k + 1)
	}
	return chart.ParseTimes(numbers)
}

// timeHeader names the column of times.
func (m *maker) timeHeader() string {
	switch m.Answer.Time {
	case job.TimeDate:
		return "Date"
	case job.TimeDatetime, job.TimeInstant:
		return "Time"
	}
	return "Step"
}
