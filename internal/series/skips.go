package series

import "sort"

// Skip says that Count slots of the calendar without a value lie directly before value At of an asset, such as a holiday
// between two business days. Where At is the number of values plus k, they lie before time k of [Table.Next].
type Skip struct {
	At    int32
	Count int32
}

// Skips are the slots without a value between the first value of asset i and time h of [Table.Next], in ascending order. They
// tell the phase of a season, which is counted in slots. An asset without a rule has none.
func (t *Table) Skips(i, h int) []Skip {
	a := &t.assets[i]
	n := a.len()
	if n == 0 {
		return nil
	}
	f := newFrame(t.kind, t.zone)
	all := a.axis.emptySlots(f)
	from := sort.Search(len(all), func(k int) bool { return int(all[k].At) > a.first })
	to := sort.Search(len(all), func(k int) bool { return int(all[k].At) >= a.first+n })
	var out []Skip
	for _, s := range all[from:to] {
		out = append(out, Skip{s.At - int32(a.first), s.Count})
	}
	return append(out, a.axis.rule.closedAfter(f, t.End(i).N, n, h)...)
}

// emptySlots are the slots between the times of the axis that have no time. At counts places on the axis.
func (a *Axis) emptySlots(f frame) []Skip {
	a.skipsOnce.Do(func() {
		for k := 1; k < len(a.times); k++ {
			if n := a.rule.between(f, a.times[k-1], a.times[k]); n > 0 {
				a.skips = append(a.skips, Skip{int32(k), int32(min(n, 1<<30))})
			}
		}
	})
	return a.skips
}

// between counts the slots between two times.
func (r rule) between(f frame, before, after int64) int64 {
	switch {
	case r.calendar != nil:
		return r.calendar.Slot(f.toCalendar(r.calendar, after)) - r.calendar.Slot(f.toCalendar(r.calendar, before)) - 1
	case f.kind == Step && r.step > 0:
		return (after-before)/r.step - 1
	}
	return 0
}

// closedAfter are the closed slots among those of the h times after the last of n values.
func (r rule) closedAfter(f frame, last int64, n, h int) []Skip {
	if r.calendar == nil || !r.calendar.Closes() {
		return nil
	}
	var out []Skip
	slot := r.calendar.Slot(f.toCalendar(r.calendar, last))
	for k := range h {
		slot++
		closed := int32(0)
		for ; !r.calendar.Open(slot); slot++ {
			closed++
		}
		if closed > 0 {
			out = append(out, Skip{int32(n + k), closed})
		}
	}
	return out
}

// Slots are the slots of the values of asset i and of the h times that follow, counted from the first value, which is in slot
// 0. A season of m slots has slot s in phase s modulo m.
func (t *Table) Slots(i, h int) []int {
	skips := t.Skips(i, h)
	out := make([]int, t.assets[i].len()+h)
	skipped := 0
	for k := range out {
		if len(skips) > 0 && int(skips[0].At) == k {
			skipped += int(skips[0].Count)
			skips = skips[1:]
		}
		out[k] = k + skipped
	}
	return out
}
