package calendar

import "strconv"

// steps is a rule of elapsed time: a time every so many seconds, minutes or hours.
type steps struct{ step, phase int64 }

func newSteps(step, anchor int64) steps { return steps{step, floorMod(anchor, step)} }

func (s steps) slot(t int64) int64    { return floorDiv(t-s.phase, s.step) }
func (s steps) time(slot int64) int64 { return slot*s.step + s.phase }
func (s steps) obeys(t int64) bool    { return floorMod(t-s.phase, s.step) == 0 }
func (s steps) at(anchor int64) rule  { return newSteps(s.step, anchor) }
func (s steps) anchor() int64         { return s.phase }
func (s steps) equal(other rule) bool { return other == rule(s) }
func (s steps) period() int64         { return s.step }

// unit is the largest of the hour, the minute and the second that the step is a multiple of.
func (s steps) unit() (n int64, name, singular, plural string) {
	switch {
	case s.step%hour == 0:
		return s.step / hour, "h", "hour", "hours"
	case s.step%minute == 0:
		return s.step / minute, "min", "minute", "minutes"
	}
	return s.step / second, "s", "second", "seconds"
}

func (s steps) name() string {
	n, name, _, _ := s.unit()
	return counted(n, name)
}

func (s steps) describe() string {
	n, _, _, plural := s.unit()
	if n == 1 {
		return plural
	}
	return "every " + strconv.FormatInt(n, 10) + " " + plural
}

// seasons are the minute and the hour for steps below a minute, the day, and the week, as far as they are whole numbers of
// steps and more than one; and the year of days that have one and steps of an hour or longer.
func (s steps) seasons() []int {
	var out []int
	for _, p := range [...]int64{minute, hour, day, 7 * day} {
		if p < day && s.step >= minute || p%s.step != 0 || p/s.step < 2 {
			continue
		}
		out = append(out, int(p/s.step))
	}
	if s.step >= hour && len(out) > 0 {
		out = append(out, int((meanYear+s.step/2)/s.step))
	}
	return out
}

// meanYear is the length of a year of the Julian calendar.
const meanYear = 365*day + 6*hour

// counted writes a name with its number, which 1 leaves out.
func counted(n int64, name string) string {
	if n == 1 {
		return name
	}
	return strconv.FormatInt(n, 10) + name
}
