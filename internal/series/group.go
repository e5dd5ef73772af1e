package series

import "slices"

// group is the columns that have the same frequency, and what that is.
type group struct {
	freq    Freq
	step    int64
	columns []int
}

// A column with fewer than minTimes times cannot show a frequency of its own and takes the file's main one. One with
// fewer than minDays shows no weekend, so that business days may be calendar days.
const (
	minTimes = 4
	minDays  = 8
)

// groups sorts the columns by frequency, in the order in which the frequencies first appear.
func (s *source) groups(o Options) []group {
	var found []group
	member := make([]int, len(s.columns)) // the index in found
	weight := []int{}                     // the rows of each group
	var times []int64
	for i := range s.columns {
		c := &s.columns[i]
		if i > 0 && sameSlice(c.times, times) {
			member[i] = member[i-1]
		} else {
			freq, step := infer(s.kind, c.times)
			if o.Freq != "" {
				freq = o.Freq
				if s.kind != Step {
					step = freq.fixed(s.kind)
				}
			}
			member[i] = slices.IndexFunc(found, func(g group) bool { return g.freq == freq && g.step == step })
			if member[i] < 0 {
				member[i] = len(found)
				found = append(found, group{freq: freq, step: step})
				weight = append(weight, 0)
			}
		}
		times = c.times
		if len(times) >= minTimes {
			weight[member[i]] += len(times)
		}
	}
	main := heaviest(weight)
	if weight[main] == 0 && o.Freq == "" {
		return []group{s.oneGroup()}
	}
	days := slices.IndexFunc(found, func(g group) bool { return g.freq == "D" })
	for i := range s.columns {
		n := len(s.columns[i].times)
		if n < minTimes && weight[main] > 0 {
			member[i] = main
		}
		if days >= 0 && n < minDays && found[member[i]].freq == "B" {
			member[i] = days
		}
		found[member[i]].columns = append(found[member[i]].columns, i)
	}
	return slices.DeleteFunc(found, func(g group) bool { return len(g.columns) == 0 })
}

// oneGroup is all columns, with the frequency that their times show together.
func (s *source) oneGroup() group {
	var all []int64
	var g group
	for i := range s.columns {
		all = append(all, s.columns[i].times...)
		g.columns = append(g.columns, i)
	}
	slices.Sort(all)
	g.freq, g.step = infer(s.kind, slices.Compact(all))
	return g
}

// sameSlice reports whether two slices are the same memory.
func sameSlice(a, b []int64) bool {
	return len(a) == len(b) && (len(a) == 0 || &a[0] == &b[0])
}

// heaviest is the place of the first largest weight.
func heaviest(weight []int) int {
	best := 0
	for i, w := range weight {
		if w > weight[best] {
			best = i
		}
	}
	return best
}

// union returns the times of all columns of a group in order, or nil when the columns have too little in common to
// share them: when more than half of what they would then hold would be carried forward, or when two times lie closer
// together than half the usual distance, so that they mean the same period.
func (s *source) union(g group) []int64 {
	longest := g.columns[0]
	for _, i := range g.columns {
		if len(s.columns[i].times) > len(s.columns[longest].times) {
			longest = i
		}
	}
	base := s.columns[longest].times
	var others []int64
	var last []int64
	for _, i := range g.columns {
		times := s.columns[i].times
		if sameSlice(times, last) || within(base, times) {
			continue
		}
		others = append(others, times...)
		last = times
	}
	if len(others) == 0 {
		return base
	}
	others = append(others, base...)
	slices.Sort(others)
	whole := slices.Compact(others)
	if s.tooClose(whole, g) || s.tooSparse(whole, g) {
		return nil
	}
	return slices.Clip(whole)
}

// within reports whether times are one stretch of base.
func within(base, times []int64) bool {
	if len(times) == 0 {
		return true
	}
	at, ok := slices.BinarySearch(base, times[0])
	return ok && at+len(times) <= len(base) && slices.Equal(base[at:at+len(times)], times)
}

// tooClose reports whether two of the times fall into the same period of the group's frequency.
func (s *source) tooClose(times []int64, g group) bool {
	least := g.step / 2
	if s.kind != Step && least == 0 {
		least = s.kind.day() * int64(max(1, 30*g.freq.months())) / 2
	}
	for k := 1; k < len(times); k++ {
		if times[k]-times[k-1] < least {
			return true
		}
	}
	return false
}

// tooSparse reports whether the columns lack more of the times within their ranges than they have.
func (s *source) tooSparse(times []int64, g group) bool {
	have, need := 0, 0
	for _, i := range g.columns {
		own := s.columns[i].times
		if len(own) == 0 {
			continue
		}
		from, _ := slices.BinarySearch(times, own[0])
		to, _ := slices.BinarySearch(times, own[len(own)-1])
		have += len(own)
		need += to - from + 1
	}
	return need > 2*have
}
