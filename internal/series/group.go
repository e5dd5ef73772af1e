package series

import "slices"

// group is the columns of one frequency.
type group struct {
	freq    Freq
	step    int64
	columns []int
}

// A column with fewer than minTimes times does not show a frequency and takes the one that most rows of the file have. One
// with fewer than minDays times may lack a weekend by chance, so its business days may be calendar days.
const (
	minTimes = 4
	minDays  = 8
)

// groups groups the columns by frequency, in the order in which the frequencies first appear.
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
					step = freq.step(s.kind)
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
	main := largest(weight)
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

// oneGroup is a group of all columns, with the frequency of all their times together.
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

// sameSlice reports whether two slices share their memory.
func sameSlice(a, b []int64) bool {
	return len(a) == len(b) && (len(a) == 0 || &a[0] == &b[0])
}

// largest is the index of the largest number, and of the first of equal ones.
func largest(weight []int) int {
	best := 0
	for i, w := range weight {
		if w > weight[best] {
			best = i
		}
	}
	return best
}

// union returns the times of all columns of a group in order. It returns nil when the columns should not share an axis:
// when more than half of their values would be carried forward, or when two times are closer together than half of the
// usual distance, so that they mean the same period.
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

// within reports whether times are a contiguous part of base.
func within(base, times []int64) bool {
	if len(times) == 0 {
		return true
	}
	at, ok := slices.BinarySearch(base, times[0])
	return ok && at+len(times) <= len(base) && slices.Equal(base[at:at+len(times)], times)
}

// tooClose reports whether two of the times fall into one period of the group's frequency.
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

// tooSparse reports whether the columns have fewer than half of the times between their first and their last.
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
