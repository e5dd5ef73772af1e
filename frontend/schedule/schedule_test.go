package schedule

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"foliocast/internal/job"
)

func rule(t testing.TB, expression, zone string) Rule {
	t.Helper()
	r, err := Of(job.Plan{Cron: expression, Zone: zone})
	if err != nil {
		t.Fatal(expression, err)
	}
	return r
}

func instant(t testing.TB, text string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// The expected times are local times with their offsets, by the rule of cron(8) of Vixie's cron:
// jobs with a fixed hour run once when clocks change, those with a star go on in real time.
// Clocks: Berlin 2026-03-29 02:00 to 03:00 and 2026-10-25 03:00 to 02:00; São Paulo 2018-11-04 00:00
// to 01:00; Lord Howe 2026-10-04 02:00 to 02:30.
func TestNext(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ cron, zone, after, want string }{
		{"0 18 * * MON-FRI", "Europe/Berlin", "2026-01-02T18:00:00+01:00", "2026-01-05T18:00:00+01:00 2026-01-06T18:00:00+01:00"},
		{"30 2 * * *", "Europe/Berlin", "2026-03-28T12:00:00+01:00", "2026-03-29T03:30:00+02:00 2026-03-30T02:30:00+02:00"},
		{"30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00+02:00", "2026-10-25T02:30:00+02:00 2026-10-26T02:30:00+01:00"},
		{"0 3 * * *", "Europe/Berlin", "2026-10-24T12:00:00+02:00", "2026-10-25T03:00:00+01:00 2026-10-26T03:00:00+01:00"},
		{"0 0 * * *", "America/Sao_Paulo", "2018-11-03T12:00:00-03:00", "2018-11-04T01:00:00-02:00 2018-11-05T00:00:00-02:00"},
		{"0 1 4 11 *", "America/Sao_Paulo", "2018-11-03T12:00:00-03:00", "2018-11-04T01:00:00-02:00 2019-11-04T01:00:00-03:00"},
		{"15 2 * * *", "Australia/Lord_Howe", "2026-10-03T12:00:00+10:30", "2026-10-04T02:45:00+11:00 2026-10-05T02:15:00+11:00"},
		{"*/30 * * * *", "Europe/Berlin", "2026-10-25T02:00:00+02:00", "2026-10-25T02:30:00+02:00 2026-10-25T02:00:00+01:00 2026-10-25T02:30:00+01:00 2026-10-25T03:00:00+01:00"},
		{"*/30 * * * *", "Europe/Berlin", "2026-03-29T01:00:00+01:00", "2026-03-29T01:30:00+01:00 2026-03-29T03:00:00+02:00 2026-03-29T03:30:00+02:00"},
		{"@hourly", "Europe/Berlin", "2026-10-25T01:30:00+02:00", "2026-10-25T02:00:00+02:00 2026-10-25T02:00:00+01:00 2026-10-25T03:00:00+01:00"},
		{"* * * * * *", "UTC", "2026-01-01T00:00:00.5Z", "2026-01-01T00:00:01Z 2026-01-01T00:00:02Z"},
		{"0 12 * * 0", "Europe/Berlin", "2022-03-24T12:00:00+01:00", "2022-03-27T12:00:00+02:00 2022-04-03T12:00:00+02:00"},
		{"@daily", "Asia/Kolkata", "2026-01-01T00:00:00Z", "2026-01-02T00:00:00+05:30 2026-01-03T00:00:00+05:30"},
		{"0 0 29 2 *", "UTC", "2026-01-01T00:00:00Z", "2028-02-29T00:00:00Z 2032-02-29T00:00:00Z"},
	} {
		r := rule(t, c.cron, c.zone)
		after := instant(t, c.after)
		for _, text := range strings.Fields(c.want) {
			got := r.Next(after)
			if want := instant(t, text); !got.Equal(want) {
				t.Errorf("%q in %s after %s: got %s, want %s", c.cron, c.zone, after, got.In(want.Location()), want)
			}
			after = got
		}
	}
	if got := rule(t, "0 0 30 2 *", "UTC").Next(instant(t, "2026-01-01T00:00:00Z")); !got.IsZero() {
		t.Errorf("the 30th of February is on %s", got)
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", " ", "61 * * * *", "* * * *", "TZ=Asia/Tokyo 0 18 * * *", "CRON_TZ=UTC * * * * *", "@every 1s", "@reboot", "H * * * *", "* * * * * * *", "TZ=0"} {
		if _, err := Parse(text, time.UTC); err == nil {
			t.Errorf("%q is taken", text)
		}
	}
}

func TestDue(t *testing.T) {
	t.Parallel()
	hourly, secondly := rule(t, "0 * * * *", "UTC"), rule(t, "* * * * * *", "UTC")
	once := Once(instant(t, "2026-01-01T08:00:00Z"))
	for _, c := range []struct {
		name      string
		rule      Rule
		next, now string
		catchUp   job.CatchUp
		want      string // the first one
		n         int
		skipped   string
	}{
		{"in time", hourly, "2026-01-01T08:00:00Z", "2026-01-01T08:00:00.2Z", job.CatchUpSkip, "2026-01-01T08:00:00Z", 1, ""},
		{"a minute late", hourly, "2026-01-01T08:00:00Z", "2026-01-01T08:01:00Z", job.CatchUpSkip, "2026-01-01T08:00:00Z", 1, ""},
		{"missed, skip", hourly, "2026-01-01T08:00:00Z", "2026-01-01T10:30:00Z", job.CatchUpSkip, "", 0, "2026-01-01T08:00:00Z"},
		{"missed, last", hourly, "2026-01-01T08:00:00Z", "2026-01-01T10:30:00Z", job.CatchUpLast, "2026-01-01T10:00:00Z", 1, "2026-01-01T08:00:00Z"},
		{"one missed, last", hourly, "2026-01-01T08:00:00Z", "2026-01-01T08:30:00Z", job.CatchUpLast, "2026-01-01T08:00:00Z", 1, ""},
		{"missed, last, and one in time", hourly, "2026-01-01T08:00:00Z", "2026-01-01T10:00:30Z", job.CatchUpLast, "2026-01-01T09:00:00Z", 2, "2026-01-01T08:00:00Z"},
		{"missed, all", hourly, "2026-01-01T08:00:00Z", "2026-01-01T10:30:00Z", job.CatchUpAll, "2026-01-01T08:00:00Z", 3, ""},
		{"too many missed", hourly, "2026-01-01T08:00:00Z", "2027-01-01T10:30:00Z", job.CatchUpAll, "2026-12-28T07:00:00Z", MaxMissed, "2026-01-01T08:00:00Z"},
		{"a year of seconds", secondly, "2026-01-01T08:00:00Z", "2027-01-01T08:00:00Z", job.CatchUpLast, "2027-01-01T07:58:59Z", 62, "2026-01-01T08:00:00Z"},
		{"once, missed", once, "2026-01-01T08:00:00Z", "2026-06-01T08:00:00Z", job.CatchUpLast, "2026-01-01T08:00:00Z", 1, ""},
		{"once, skipped", once, "2026-01-01T08:00:00Z", "2026-06-01T08:00:00Z", job.CatchUpSkip, "", 0, "2026-01-01T08:00:00Z"},
		{"not yet, as after a clock that jumped back", hourly, "2026-01-01T08:00:00Z", "2026-01-01T07:00:00Z", job.CatchUpAll, "", 0, ""},
	} {
		due, skipped := c.rule.Due(instant(t, c.next), instant(t, c.now), c.catchUp)
		got := ""
		if len(due) > 0 {
			got = due[0].Format(time.RFC3339)
		}
		first := ""
		if !skipped.IsZero() {
			first = skipped.Format(time.RFC3339)
		}
		if got != c.want || len(due) != c.n || first != c.skipped {
			t.Errorf("%s: %d from %q on, skipped %q, want %d from %q on, skipped %q", c.name, len(due), got, first, c.n, c.want, c.skipped)
		}
	}
}

// Next goes forward, and every firing shows the minute and hour of the expression, unless
// clocks jump over it. No local time comes twice.
func TestEachLocalTimeFiresOnce(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		zone, err := time.LoadLocation(rapid.SampledFrom([]string{"UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Sao_Paulo", "Asia/Tehran"}).Draw(t, "zone"))
		if err != nil {
			t.Fatal(err)
		}
		hour, minute := rapid.IntRange(0, 23).Draw(t, "hour"), rapid.IntRange(0, 59).Draw(t, "minute")
		r, err := Parse(time.Date(2000, 1, 1, hour, minute, 0, 0, time.UTC).Format("4 15 * * *"), zone)
		if err != nil {
			t.Fatal(err)
		}
		at := time.Unix(rapid.Int64Range(1_000_000_000, 1_900_000_000).Draw(t, "after"), 0)
		var days []string
		for range 370 {
			next := r.Next(at)
			if !next.After(at) || next.Sub(at) > 26*time.Hour {
				t.Fatalf("%s follows %s", next, at)
			}
			at = next
			days = append(days, at.In(zone).Format(time.DateOnly))
		}
		if unique := slices.Compact(slices.Clone(days)); len(unique) != len(days) {
			t.Fatalf("a day has two firings: %s", cmp.Diff(unique, days))
		}
	})
}

func FuzzParse(f *testing.F) {
	for _, text := range []string{"* * * * *", "0 18 * * MON-FRI", "TZ=", "@every 1s", "*/0 * * * *", "0 0 1-31/2 */2 ?", "\x00", "1-1,2 * * * *"} {
		f.Add(text)
	}
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, text string) {
		r, err := Parse(text, time.UTC)
		if err != nil {
			return
		}
		if next := r.Next(at); !next.IsZero() && !next.After(at) {
			t.Errorf("%q: %s follows %s", text, next, at)
		}
	})
}
