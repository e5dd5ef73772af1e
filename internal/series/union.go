package series

import "slices"

// union returns the times of all columns of a group in order. It returns nil when the columns should not share an axis:
// when more than half of their values would be carried forward, or when two times mean the same period.
func (s *source) union(f frame, g group) []int64 {
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
	if f.tooClose(whole, base, g.rule) || s.tooSparse(whole, g) {
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

// tooClose reports whether two of the times of several columns mean one period: of a calendar that they fall into one of its
// slots, more often than those of the base column do already, otherwise that they are closer together than half of the
// usual distance.
func (f frame) tooClose(times, base []int64, r rule) bool {
	if r.calendar != nil {
		return f.clashes(r, times) > f.clashes(r, base)
	}
	for k := 1; k < len(times); k++ {
		if times[k]-times[k-1] < r.distance(f.kind)/2 {
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
