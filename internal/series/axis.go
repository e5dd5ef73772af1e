package series

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"foliocast/internal/series/calendar"
)

// Axis is the times at which assets have values, in strictly ascending order, and how they continue after the last. Assets
// share an axis where they can.
type Axis struct {
	times []int64
	rule  rule
	// gaps says that two neighboring times are further apart than the rule allows.
	gaps bool

	skipsOnce sync.Once
	skips     []Skip // see [Axis.emptySlots]
}

// rule is how times follow each other: by a calendar, or without one at a step in the unit of the kind. A step of times that
// are not integer steps is their usual distance, and no rule that they obey. It is 0 where nothing is known.
type rule struct {
	calendar *calendar.Calendar // nil for integer steps, and for times without a rule
	step     int64
}

func (r rule) equal(other rule) bool {
	return r.step == other.step && r.calendar.Equal(other.calendar)
}

// freq is the name of the calendar.
func (r rule) freq() Freq {
	if r.calendar == nil {
		return ""
	}
	return Freq(r.calendar.String())
}

// describe says in words how the times follow each other.
func (r rule) describe(kind Kind) string {
	switch {
	case kind == Step:
		return fmt.Sprintf("integer steps of %d", max(r.step, 1))
	case r.calendar == nil:
		return "irregular"
	}
	return r.calendar.Describe()
}

// distance is the usual distance between two times in the unit of the kind. Without a rule it is one unit: a step, a day, a
// second.
func (r rule) distance(kind Kind) int64 {
	switch {
	case r.calendar != nil && kind == Date:
		return max(1, r.calendar.Period()/microsPerDay)
	case r.calendar != nil:
		return r.calendar.Period()
	case r.step > 0:
		return r.step
	case kind == Step || kind == Date:
		return 1
	}
	return 1_000_000
}

// NewAxis makes an axis for a table of the given kind, or says what is wrong with its parts: the name and the anchor of its
// calendar as [Axis.Calendar] has them, or an empty name, and the step. The times become the axis's; the memory of freq does
// not.
func NewAxis(kind Kind, times []int64, freq string, anchor, step int64) (*Axis, error) {
	low, high := kind.bounds()
	if step < 0 || step > high-low || freq != "" && kind == Step {
		return nil, fmt.Errorf("the axis has the frequency %q and the step %d", freq, step)
	}
	for k, t := range times {
		if t < low || t > high || k > 0 && t <= times[k-1] {
			return nil, fmt.Errorf("time %d of the axis is out of order or out of range", k+1)
		}
	}
	a := &Axis{times: times, rule: rule{step: step}}
	if freq != "" {
		c, err := calendar.Parse(freq)
		if err != nil || anchor < minMicros || anchor > maxMicros {
			return nil, fmt.Errorf("the axis has the frequency %q with the anchor %d", freq, anchor)
		}
		a.rule.calendar = c.At(anchor)
	}
	return a, nil
}

// OldAxis makes an axis of a table that an earlier version of this program stored. That had one of the letters H, D, B, W, M,
// Q and Y in place of a calendar, which is found in the times again; where they show none, it is that of the letter.
func OldAxis(kind Kind, zone *time.Location, times []int64, letter string, step int64) (*Axis, error) {
	if len(letter) > 1 || letter != "" && !strings.Contains("HDBWMQY", letter) {
		return nil, fmt.Errorf("the axis has the frequency %q", letter)
	}
	a, err := NewAxis(kind, times, "", 0, step)
	if err != nil || kind == Step {
		return a, err
	}
	f := newFrame(kind, zone)
	if len(times) >= minTimes || letter == "" {
		a.rule, _ = f.inferRule(times)
	}
	if a.rule.calendar == nil && letter != "" {
		named, err := calendar.Parse(letter)
		if err != nil {
			return nil, err
		}
		a.rule.calendar, _ = f.fit(named, times)
	}
	if a.rule.calendar != nil {
		a.rule.step = 0
	}
	return a, nil
}

// Times are the times in the unit of the table's kind. The caller must not change them.
func (a *Axis) Times() []int64 { return a.times }

// Calendar is the rule by which the times follow each other, or nil. It counts local times: see [Table.Zone].
func (a *Axis) Calendar() *calendar.Calendar { return a.rule.calendar }

// Step is the distance between integer steps, and the usual distance of times without a calendar, in the unit of the
// table's kind. It is 0 for times with a calendar.
func (a *Axis) Step() int64 { return a.rule.step }

// inferRule finds the rule of ascending times, and the times that break it.
func (f frame) inferRule(times []int64) (r rule, breaks []int) {
	if f.kind != Step {
		if r.calendar, breaks = f.infer(times); r.calendar != nil {
			return r, breaks
		}
	}
	r.step = medianStep(times)
	return r, breaks
}

// medianStep is the lower median of the distances between neighbors, or 0 without two times.
func medianStep(times []int64) int64 {
	if len(times) < 2 {
		return 0
	}
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

// finish completes the axis and notes whether gaps remain.
func (a *Axis) finish(f frame) {
	a.complete(f)
	for k := 1; k < len(a.times) && !a.gaps; k++ {
		a.gaps = a.rule.isGap(f, a.times[k-1], a.times[k])
	}
}

// isGap reports whether something is missing between two neighboring times. Of an exchange's sessions that is any session
// without a value. Holidays that no calendar lists may close a market for up to a week. Times without a rule have no gaps.
func (r rule) isGap(f frame, before, after int64) bool {
	switch {
	case r.calendar == nil:
		return f.kind == Step && after-before > 3*r.step/2
	case after-before <= f.kind.day() && f.kind == Date:
		return false
	case !r.calendar.Regular() && !r.calendar.Closes():
		return after-before > 7*f.kind.day()
	}
	next := r.calendar.Next(f.toCalendar(r.calendar, before))
	return r.calendar.Slot(f.toCalendar(r.calendar, after)) > r.calendar.Slot(next)
}

// complete inserts the times that a regular axis lacks. It leaves the axis unchanged when more than half of the result would
// be inserted, and where holidays are not listed or are no times: a market's days and hours.
func (a *Axis) complete(f frame) {
	switch {
	case len(a.times) < 2:
	case f.kind == Step:
		a.completeSteps()
	case a.rule.calendar != nil && a.rule.calendar.Regular():
		a.completeSlots(f)
	}
}

func (a *Axis) completeSteps() {
	n, step := len(a.times), a.rule.step
	if step == 0 {
		return
	}
	for k := 1; k < n; k++ {
		if (a.times[k]-a.times[k-1])%step != 0 {
			return
		}
	}
	whole := (a.times[n-1]-a.times[0])/step + 1
	if whole == int64(n) || whole > 2*int64(n) {
		return
	}
	times := make([]int64, whole)
	for k := range times {
		times[k] = a.times[0] + int64(k)*step
	}
	a.times = times
}

func (a *Axis) completeSlots(f frame) {
	c, n := a.rule.calendar, len(a.times)
	slots := make([]int64, n)
	lacking := int64(0)
	for k, t := range a.times {
		slots[k] = c.Slot(f.toCalendar(c, t))
		if k > 0 {
			lacking += max(0, slots[k]-slots[k-1]-1)
		}
	}
	if lacking == 0 || lacking > int64(n) {
		return
	}
	times := append(make([]int64, 0, int64(n)+lacking), a.times[0])
	for k := 1; k < n; k++ {
		for slot := slots[k-1] + 1; slot < slots[k]; slot++ {
			times = append(times, f.fromCalendar(c, c.Time(slot)))
		}
		times = append(times, a.times[k])
	}
	if _, from := ascending(times); from == nil {
		a.times = times
	}
}
