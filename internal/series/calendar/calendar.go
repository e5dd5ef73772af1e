package calendar

// A Calendar is a rule by which times follow each other. It does not change and is safe for concurrent use. The zero value
// is no rule; [Parse] and [Infer] make calendars.
type Calendar struct{ rule rule }

// rule is what a family of calendars implements, in microseconds.
type rule interface {
	slot(t int64) int64
	time(slot int64) int64
	obeys(t int64) bool
	at(anchor int64) rule
	anchor() int64
	equal(other rule) bool
	name() string
	describe() string
	seasons() []int
	period() int64
}

// String is the name of the rule, as pandas writes it where pandas has a name. [Parse] reads it back. A name does not say
// everything: see [Calendar.Anchor].
func (c *Calendar) String() string { return c.rule.name() }

// Describe says the rule in words: "business days, Sunday to Thursday", "months, on the last day".
func (c *Calendar) Describe() string { return c.rule.describe() }

// At returns the calendar of the same name that holds at a time: it has the time's hour of day, and for a name that leaves
// open where to count from (28D, 2W-FRI, 6ME) it counts from that time.
func (c *Calendar) At(anchor int64) *Calendar { return &Calendar{c.rule.at(anchor)} }

// Anchor is a time of the rule that says what its name leaves open: parsing [Calendar.String] and calling [Calendar.At]
// with the anchor gives an equal calendar.
func (c *Calendar) Anchor() int64 { return c.rule.anchor() }

// Equal reports whether two calendars have the same slots at the same times, under the same name.
func (c *Calendar) Equal(d *Calendar) bool {
	if c == nil || d == nil {
		return c == d
	}
	return c == d || c.rule.equal(d.rule)
}

// Slot is the slot that a time falls into. It never decreases from one time to a later one. A time that breaks the rule
// falls into the slot of the period that it belongs to.
func (c *Calendar) Slot(t int64) int64 { return c.rule.slot(t) }

// Time is the time of a slot. It increases from slot to slot.
func (c *Calendar) Time(slot int64) int64 { return c.rule.time(slot) }

// Obeys reports whether the rule holds at a time. For a rule of days or longer it is a question of the day alone.
func (c *Calendar) Obeys(t int64) bool { return c.rule.obeys(t) }

// Open reports whether values are expected in a slot. The holidays of an exchange are slots, so that five slots are always
// a week, but they are not open. All slots of other calendars are open.
func (c *Calendar) Open(slot int64) bool {
	if r, ok := c.rule.(interface{ open(slot int64) bool }); ok {
		return r.open(slot)
	}
	return true
}

// Next is the time of the first open slot after the slot of a time.
func (c *Calendar) Next(t int64) int64 {
	slot := c.rule.slot(t) + 1
	for !c.Open(slot) {
		slot++
	}
	return c.rule.time(slot)
}

// Bucket is the slot whose period contains a time when values are resampled to this calendar from a finer one. Periods are
// those of pandas' resample: a rule of first days begins a period, a rule of last days and a weekday end one.
func (c *Calendar) Bucket(t int64) int64 {
	if r, ok := c.rule.(interface{ bucket(t int64) int64 }); ok {
		return r.bucket(t)
	}
	return c.rule.slot(t)
}

// Absolute reports whether the rule counts elapsed time, as every 15 minutes or every four hours do. The times of such a
// rule are in UTC: in local times an hour is absent in spring and another happens twice in autumn.
func (c *Calendar) Absolute() bool {
	_, ok := c.rule.(steps)
	return ok
}

// Seasons are the usual seasonal periods in slots, ascending: 24, 168 and 8766 for hours, 5 and 261 for business days, 12 for
// months. They are what to look for in the values, not a claim that the values have seasons.
func (c *Calendar) Seasons() []int { return c.rule.seasons() }

// Period is the typical distance from one slot to the next, in microseconds.
func (c *Calendar) Period() int64 { return c.rule.period() }

// Coarser reports whether a has longer periods than b, so that several times of b usually fall into one period of a.
func Coarser(a, b *Calendar) bool { return 2*a.Period() > 3*b.Period() }
