package calendar_test

import (
	"testing"

	"pgregory.net/rapid"

	"foliocast/internal/series/calendar"
)

// names are the names that stand for their families in the properties.
var names = []string{
	"s", "30s", "min", "5min", "15min", "90min", "h", "4h", "36h", "D", "7D", "10D", "28D", "B", "B-SUN,MON,TUE,WED,THU", "B-MON,WED,FRI", "B-SAT,SUN",
	"B-MON,TUE,WED,THU,FRI,SAT", "W", "W-MON", "W-WED", "W-FRI", "W-SUN", "2W-FRI", "4W-TUE", "13W-SAT", "MS", "ME", "BMS", "BME", "M-15", "M-30", "M-25-P",
	"M-1-P", "M-31-F", "M-2-P", "M-15,31-P", "SMS", "SME", "M-1,11,21", "M-10,20,31", "M-10,25", "M-1,8,15,22", "WOM-3FRI", "3WOM-3FRI", "LWOM-FRI", "2MS", "2ME", "6MS",
	"6ME", "4M-15", "QS-JAN", "QS-FEB", "QS-MAR", "QE-OCT", "QE-NOV", "QE-DEC", "BQS-JAN", "BQE-DEC", "Q-FEB-15", "Q-FEB-31-F", "YS-JAN", "YS-APR", "YE-DEC", "YE-JUN",
	"BYS-JAN", "BYE-DEC", "Y-JUN-15", "2YE", "10YS", "M", "Q", "Y", "2M", "XNYS", "XETR", "XTKS", "XLON", "XTAE",
	"B-SUN,MON,TUE,WED,THU|2026-01-04|B", "B-MON,TUE,WED,THU,FRI,SAT|2024-01-01|B", "B-SAT,SUN,MON,TUE,WED|2013-06-29|B-SUN,MON,TUE,WED,THU",
	"445-N-JAN-SAT", "454-N-JAN-SAT", "544-L-DEC-SUN", "445S-L-SEP-FRI", "444-N-DEC-SUN", "444S-N-DEC-SUN", "REQ-N-JAN-SAT-4", "REQS-L-JUN-FRI-4", "REQ-L-SEP-SAT-1", "REQ-N-DEC-FRI-3",
	"RE-L-AUG-SAT", "RES-N-DEC-FRI",
	"h@14:30-20:30|2023-03-12|h@13:30-19:30|2023-11-05|h@14:30-20:30", "XTAE|2026-01-01|B", "h@09:30-15:30|2020-01-01|h@MON-THU/00:00-23:00;FRI/00:00-20:00",
	"h@09:30-15:30", "30min@XTKS/09:00-11:00,12:30-14:30", "5min@B-SUN,MON,TUE,WED,THU/10:00-14:55", "h@D/08:00-20:00", "270min@10:30,15:00",
	"h@MON-THU/00:00-23:00;FRI/00:00-20:00;SUN/22:00-23:00", "15min@MON/08:00-12:00;WED-THU/08:00-17:00",
}

const micro, dayMicros = 1_000_000, 24 * 60 * 60 * 1_000_000

// anyCalendar draws a calendar that is anchored at a whole second from 1900 to 2100.
func anyCalendar(t *rapid.T) *calendar.Calendar {
	c, err := calendar.Parse(rapid.SampledFrom(names).Draw(t, "name"))
	if err != nil {
		t.Fatal(err)
	}
	return c.At(anyTime(t, "anchor"))
}

func anyTime(t *rapid.T, label string) int64 {
	return rapid.Int64Range(-25_567*86_400, 47_482*86_400).Draw(t, label) * micro
}

func TestSlotsAreConsistent(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := anyCalendar(t)
		slot := rapid.Int64Range(-100_000, 100_000).Draw(t, "slot") % (47_482 * dayMicros / c.Period())
		at := c.Time(slot)
		if got := c.Slot(at); got != slot {
			t.Fatalf("%s: slot %d has the time %d, which is in slot %d", c, slot, at, got)
		}
		if c.Open(slot) != c.Obeys(at) {
			t.Fatalf("%s: its own time %s breaks it", c, show(at))
		}
		if after := c.Time(slot + 1); after <= at {
			t.Fatalf("%s: %s is not after %s", c, show(after), show(at))
		}
		a := anyTime(t, "a")
		b := a + rapid.Int64Range(0, 400*86_400).Draw(t, "distance")*micro
		if c.Slot(b) < c.Slot(a) || c.Bucket(b) < c.Bucket(a) {
			t.Fatalf("%s: slots decrease from %s to %s", c, show(a), show(b))
		}
		if next := c.Next(a); next <= a || c.Slot(next) != nextOpen(c, a) || !c.Obeys(next) {
			t.Fatalf("%s: next of %s is %s", c, show(a), show(next))
		}
	})
}

// nextOpen is the first open slot after that of a time.
func nextOpen(c *calendar.Calendar, t int64) int64 {
	slot := c.Slot(t) + 1
	for !c.Open(slot) {
		slot++
	}
	return slot
}

func TestNamesAreReadBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := anyCalendar(t)
		d, err := calendar.Parse(c.String())
		if err != nil {
			t.Fatal(err)
		}
		if d = d.At(c.Anchor()); !c.Equal(d) || c.Describe() != d.Describe() {
			t.Fatalf("%s (%s) is read back as %s (%s)", c, c.Describe(), d, d.Describe())
		}
	})
}

// A calendar that is anchored at one of its own times holds there.
func TestAnchorsHold(t *testing.T) {
	t.Parallel()
	for name, times := range map[string]string{
		"3WOM-3FRI": "2024-03-15, 2024-06-21, 2024-09-20", "12WOM-4THU": "2022-11-24, 2023-11-23, 2024-11-28", "2MS": "2024-02-01, 2024-04-01", "6ME": "2024-02-29, 2024-08-31",
		"4M-31-F": "2024-04-01, 2024-07-31, 2024-12-02", "2M-1-P": "2024-02-01, 2024-04-01, 2024-05-31", "28D": "2024-02-01, 2024-02-29", "2W-FRI": "2024-02-02, 2024-02-16", "2YE": "2023-12-31, 2025-12-31",
	} {
		all := microsOf(t, times)
		c := parse(t, name).At(all[0])
		for k, at := range all {
			if !c.Obeys(at) || k > 0 && c.Next(all[k-1]) != at {
				t.Errorf("%s at %s does not hold at %s", name, show(all[0]), show(at))
			}
		}
		if d := parse(t, c.String()).At(c.Anchor()); !c.Equal(d) {
			t.Errorf("%s at %s is not read back", name, show(all[0]))
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, name := range append(names, "", "0D", "99999999999999999999h", "ms", "W-", "B-", "M-0", "M-32", "Q-FEB-", "WOM-9FRI", "QS-XXX", "B-MON,MON", "é", "M-30,31", "M-27,28-P", "M-1,31-P") {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		c, err := calendar.Parse(name)
		if err != nil {
			return
		}
		again, err := calendar.Parse(c.String())
		if err != nil || again.String() != c.String() {
			t.Fatalf("%q is %q, which is read as %v, %v", name, c, again, err)
		}
		if at := c.Next(0); at <= 0 || c.Describe() == "" {
			t.Fatalf("%q: next of 0 is %d", name, at)
		}
		for slot := range int64(40) {
			if c.Time(slot) >= c.Time(slot+1) || c.Slot(c.Time(slot)) != slot {
				t.Fatalf("%q: slot %d is wrong", name, slot)
			}
		}
	})
}
