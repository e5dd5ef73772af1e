package calendar_test

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"foliocast/internal/series/calendar"
)

// every lists the times from a first to a last in steps that a condition keeps.
func every(t *testing.T, first, last string, step time.Duration, keep func(at time.Time) bool) []int64 {
	t.Helper()
	var out []int64
	end := time.UnixMicro(micros(t, last)).UTC()
	for at := time.UnixMicro(micros(t, first)).UTC(); !at.After(end); at = at.Add(step) {
		if keep(at) {
			out = append(out, at.UnixMicro())
		}
	}
	return out
}

func minuteOf(at time.Time) int { return 60*at.Hour() + at.Minute() }

func weekday(at time.Time) bool { return at.Weekday() != time.Saturday && at.Weekday() != time.Sunday }

// between reports whether the minute of the day is from one time of day to another.
func between(at time.Time, from, to int) bool { return minuteOf(at) >= from && minuteOf(at) <= to }

func newYork(at time.Time) bool { return weekday(at) && between(at, 9*60+30, 15*60+30) }

// currencies trade from Sunday 22:00 to Friday 22:00.
func currencies(at time.Time) bool {
	switch at.Weekday() {
	case time.Saturday:
		return false
	case time.Sunday:
		return at.Hour() >= 22
	case time.Friday:
		return at.Hour() < 22
	}
	return true
}

// sessionTest is times, the name of their calendar and the next three, or an empty text.
type sessionTest struct {
	times      []int64
	name, next string
}

func testSessions(t *testing.T, tests map[string]sessionTest) {
	t.Helper()
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, breaks := calendar.Infer(test.times)
			if c == nil {
				t.Fatalf("no rule, breaks %v", breaks)
			}
			if c.String() != test.name {
				t.Errorf("got %s, want %s", c, test.name)
			}
			if next := following(c, test.times[len(test.times)-1], 3); next != test.next && test.next != "" {
				t.Errorf("next are %s, want %s", next, test.next)
			}
		})
	}
}

// The next sessions are those of the hours on the exchange's door, by hand.
func TestSessions(t *testing.T) {
	t.Parallel()
	testSessions(t, map[string]sessionTest{
		"hours of New York": {
			every(t, "2024-01-02 09:30", "2024-02-12 15:30", time.Hour, newYork), "h@09:30-15:30",
			"2024-02-13 09:30, 2024-02-13 10:30, 2024-02-13 11:30",
		},
		"an early close and a holiday": {
			every(t, "2023-10-02 09:30", "2023-12-29 15:30", time.Hour, func(at time.Time) bool {
				return newYork(at) && !(at.Month() == 11 && (at.Day() == 23 || at.Day() == 24 && at.Hour() >= 13))
			}), "h@09:30-15:30", "2024-01-01 09:30, 2024-01-01 10:30, 2024-01-01 11:30",
		},
		"the middle of a session": {
			every(t, "2024-01-02 09:30", "2024-02-09 14:30", time.Hour, newYork), "h@09:30-15:30",
			"2024-02-09 15:30, 2024-02-12 09:30, 2024-02-12 10:30",
		},
		"half hours of one week": {
			every(t, "2024-01-08 09:30", "2024-01-12 15:30", 30*time.Minute, newYork), "30min@09:30-15:30",
			"2024-01-15 09:30, 2024-01-15 10:00, 2024-01-15 10:30",
		},
		"five minutes": {
			every(t, "2024-01-08 09:30", "2024-02-09 15:55", 5*time.Minute, func(at time.Time) bool { return weekday(at) && between(at, 9*60+30, 15*60+55) }),
			"5min@09:30-15:55", "2024-02-12 09:30, 2024-02-12 09:35, 2024-02-12 09:40",
		},
		"minutes without a trade now and then": {
			every(t, "2024-02-01 09:30", "2024-02-29 15:59", time.Minute, func(at time.Time) bool {
				return weekday(at) && between(at, 9*60+30, 15*60+59) && (at.YearDay()*977+minuteOf(at)*61)%100 < 75 && minuteOf(at)%60 != 7
			}), "min@09:30-15:59", "2024-03-01 09:30, 2024-03-01 09:31, 2024-03-01 09:32",
		},
		"lunch in Tokyo": {
			every(t, "2024-01-08 09:00", "2024-02-09 11:00", 30*time.Minute, func(at time.Time) bool {
				return weekday(at) && (between(at, 9*60, 11*60) || between(at, 12*60+30, 14*60+30))
			}), "30min@09:00-11:00,12:30-14:30", "2024-02-09 12:30, 2024-02-09 13:00, 2024-02-09 13:30",
		},
		"hours of Tokyo, on two grids": {
			every(t, "2024-01-08 09:00", "2024-02-08 14:30", 30*time.Minute, func(at time.Time) bool {
				return weekday(at) && slices.Contains([]int{540, 600, 660, 750, 810, 870}, minuteOf(at))
			}), "h@09:00-11:00,12:30-14:30", "2024-02-09 09:00, 2024-02-09 10:00, 2024-02-09 11:00",
		},
		"two fixings a day": {
			every(t, "2024-01-08 10:30", "2024-02-09 10:30", 30*time.Minute, func(at time.Time) bool {
				return weekday(at) && (minuteOf(at) == 630 || minuteOf(at) == 900)
			}), "270min@10:30-15:00", "2024-02-09 15:00, 2024-02-12 10:30, 2024-02-12 15:00",
		},
	})
}

// Hours on other days than Monday to Friday, hours that change, and times that have none.
func TestOtherSessions(t *testing.T) {
	t.Parallel()
	chance := rand.New(rand.NewPCG(1, 2))
	testSessions(t, map[string]sessionTest{
		"a shop, all days": {
			every(t, "2024-01-01 08:00", "2024-01-28 20:00", time.Hour, func(at time.Time) bool { return between(at, 8*60, 20*60) }),
			"h@D/08:00-20:00", "2024-01-29 08:00, 2024-01-29 09:00, 2024-01-29 10:00",
		},
		"Riyadh, Sunday to Thursday": {
			every(t, "2024-01-07 10:00", "2024-02-08 14:00", time.Hour, func(at time.Time) bool {
				return at.Weekday() < time.Friday && between(at, 10*60, 14*60)
			}), "h@B-SUN,MON,TUE,WED,THU/10:00-14:00", "2024-02-11 10:00, 2024-02-11 11:00, 2024-02-11 12:00",
		},
		"Ramadan has shorter hours": {
			every(t, "2024-01-07 10:00", "2024-03-28 12:00", time.Hour, func(at time.Time) bool {
				return at.Weekday() < time.Friday && between(at, 10*60, 14*60) && (at.Month() < 3 || at.Day() < 11 || at.Hour() < 13)
			}), "h@B-SUN,MON,TUE,WED,THU/10:00-14:00|2024-03-11|h@B-SUN,MON,TUE,WED,THU/10:00-12:00", "2024-03-31 10:00, 2024-03-31 11:00, 2024-03-31 12:00",
		},
		"Ramadan is over": {
			every(t, "2024-01-07 10:00", "2024-04-10 14:00", time.Hour, func(at time.Time) bool {
				ramadan := at.Month() == 3 && at.Day() >= 11 || at.Month() == 4 && at.Day() < 9
				return at.Weekday() < time.Friday && between(at, 10*60, 14*60) && (!ramadan || at.Hour() < 13)
			}), "h@B-SUN,MON,TUE,WED,THU/10:00-14:00", "2024-04-11 10:00, 2024-04-11 11:00, 2024-04-11 12:00",
		},
		"minutes with some trades at night": {
			every(t, "2024-02-01 04:00", "2024-02-28 19:59", time.Minute, func(at time.Time) bool {
				return weekday(at) && (between(at, 9*60+30, 15*60+59) || between(at, 4*60, 19*60+59) && chance.IntN(10) == 0)
			}), "min", "",
		},
		"New York in UTC, over a change of summer time": {
			every(t, "2023-09-01 13:30", "2024-01-31 20:30", time.Hour, func(at time.Time) bool {
				if at.Before(time.Date(2023, 11, 5, 0, 0, 0, 0, time.UTC)) {
					at = at.Add(time.Hour)
				}
				return weekday(at) && between(at, 14*60+30, 20*60+30)
			}), "h@13:30-19:30|2023-11-06|h@14:30-20:30", "2024-02-01 14:30, 2024-02-01 15:30, 2024-02-01 16:30",
		},
		"hours of currencies": {
			every(t, "2024-01-01 00:00", "2024-02-09 20:00", time.Hour, currencies), "h@MON-THU/00:00-23:00;FRI/00:00-21:00;SUN/22:00-23:00",
			"2024-02-09 21:00, 2024-02-11 22:00, 2024-02-11 23:00",
		},
		"four hours of currencies": {
			every(t, "2024-01-01 02:00", "2024-03-08 18:00", 4*time.Hour, currencies), "4h@MON-THU/02:00-22:00;FRI/02:00-18:00;SUN/22:00",
			"2024-03-10 22:00, 2024-03-11 02:00, 2024-03-11 06:00",
		},
		"hours with a lost block": {
			every(t, "2024-01-01 00:00", "2024-01-31 23:00", time.Hour, func(at time.Time) bool { return at.Day() < 10 || at.Day() > 14 }), "h",
			"2024-02-01, 2024-02-01 01:00, 2024-02-01 02:00",
		},
		"two nights without": {
			every(t, "2024-01-01 08:00", "2024-01-03 12:00", time.Hour, func(at time.Time) bool { return between(at, 8*60, 12*60) }), "h",
			"2024-01-03 13:00, 2024-01-03 14:00, 2024-01-03 15:00",
		},
	})
}
