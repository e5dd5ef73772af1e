package series

import (
	"testing"
	"time"
)

// The instants are those of Python's zoneinfo, with fold 0 and 1.
func TestInstantsOfLocalTimes(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		zone, local, earlier, later string
		skipped                     bool
	}{
		"an hour that Berlin has twice":      {"Europe/Berlin", "2024-10-27T02:30:00", "2024-10-27T00:30:00Z", "2024-10-27T01:30:00Z", false},
		"the hour before":                    {"Europe/Berlin", "2024-10-27T01:59:59", "2024-10-26T23:59:59Z", "2024-10-26T23:59:59Z", false},
		"the hour after":                     {"Europe/Berlin", "2024-10-27T03:00:00", "2024-10-27T02:00:00Z", "2024-10-27T02:00:00Z", false},
		"an hour that New York has twice":    {"America/New_York", "2024-11-03T01:30:00", "2024-11-03T05:30:00Z", "2024-11-03T06:30:00Z", false},
		"half an hour that Lord Howe has":    {"Australia/Lord_Howe", "2024-04-07T01:45:00", "2024-04-06T14:45:00Z", "2024-04-06T15:15:00Z", false},
		"an hour that Berlin skips":          {"Europe/Berlin", "2024-03-31T02:30:00", "2024-03-31T01:30:00Z", "2024-03-31T01:30:00Z", true},
		"half an hour that Lord Howe skips":  {"Australia/Lord_Howe", "2024-10-06T02:10:00", "2024-10-05T15:40:00Z", "2024-10-05T15:40:00Z", true},
		"a day that Samoa skips":             {"Pacific/Apia", "2011-12-30T12:00:00", "2011-12-30T22:00:00Z", "2011-12-30T22:00:00Z", true},
		"a zone without summer time":         {"Asia/Tokyo", "2024-03-18T00:00:00", "2024-03-17T15:00:00Z", "2024-03-17T15:00:00Z", false},
		"an offset":                          {"+05:30", "2024-03-18T00:00:00", "2024-03-17T18:30:00Z", "2024-03-17T18:30:00Z", false},
		"an offset without a colon":          {"-0330", "2024-03-18T00:00:00", "2024-03-18T03:30:00Z", "2024-03-18T03:30:00Z", false},
		"the day after Samoa skips a day":    {"Pacific/Apia", "2011-12-31T00:00:00", "2011-12-30T10:00:00Z", "2011-12-30T10:00:00Z", false},
		"the last moment before it":          {"Pacific/Apia", "2011-12-29T23:59:59", "2011-12-30T09:59:59Z", "2011-12-30T09:59:59Z", false},
		"a time before there were any zones": {"UTC", "0001-01-01T00:00:00", "0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z", false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			zone, err := ParseZone(test.zone)
			if err != nil {
				t.Fatal(err)
			}
			local, err := time.Parse("2006-01-02T15:04:05", test.local)
			if err != nil {
				t.Fatal(err)
			}
			earlier, later, ok := newClock(zone).instants(local.UnixMicro())
			got := [2]string{Time{Kind: Instant, N: earlier}.String(), Time{Kind: Instant, N: later}.String()}
			if want := [2]string{test.earlier, test.later}; got != want || ok == test.skipped {
				t.Errorf("got %v, exists %t, want %v, %t", got, ok, want, !test.skipped)
			}
		})
	}
}

func TestParseZoneRefuses(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"", "Local", "Europe/Berln", "../etc/passwd", "/etc/localtime", "+25:00", "+9", "MESZ", "+01:00:00"} {
		if zone, err := ParseZone(name); err == nil {
			t.Errorf("%q is the zone %s", name, zone)
		}
	}
}
