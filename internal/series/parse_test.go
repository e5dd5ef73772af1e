package series

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"foliocast/internal/series/timetext"
)

func TestParseTime(t *testing.T) {
	t.Parallel()
	tests := map[string]string{ // from text to what is written for it; empty when it is not a time
		"17": "17", "-3": "-3", "0": "0", "20200131": "20200131", "9007199254740992": "9007199254740992",
		"9007199254740993": "", "1e3": "", "1.0": "", "+5": "", "-": "",
		"2020-02-29": "2020-02-29", "2019-02-29": "", "2020/02/29": "2020-02-29", "2020-02/29": "", "2020-13-01": "",
		"0001-01-01": "0001-01-01", "0000-12-31": "", "0001-01-01T00:00:00+01:00": "", "9999-12-31": "9999-12-31", "1969-12-31": "1969-12-31", "1900-02-29": "", "2000-02-29": "2000-02-29",
		"2020-1-5": "2020-01-05", "2020/1/15": "2020-01-15", "2020.01.05": "2020-01-05", "2020-2-30": "", "2020-02": "2020-02-01", "2020-2": "",
		"Jan 1 2000": "2000-01-01", "Feb 30 2000": "", "Mar 5, 2001": "2001-03-05", "5 Mar 2001": "2001-03-05",
		"January 5, 2001": "2001-01-05", "5 January 2001": "2001-01-05", "September 15, 2001": "2001-09-15",
		"01/02/2020": "", "2.1.2020": "2020-01-02", "31.12.2020": "2020-12-31", "12.31.2020": "", "2.1.20": "", "2.1.2020 3:04": "2020-01-02 03:04:00", "2.1.2020 25:00": "",
		"2020Q3": "2020-07-01", "2020-Q3": "2020-07-01", "2020Q5": "", "2020M02": "2020-02-01", "5-Mar-2001": "2001-03-05", "Mar 2001": "2001-03-01", "tomorrow": "", "": "",
		"2020-01-02 03:04:05": "2020-01-02 03:04:05", "2020-01-02T03:04": "2020-01-02 03:04:00", "2020-01-02 03:04:05.25": "2020-01-02 03:04:05.25",
		"2020-01-02T03:04:05Z": "2020-01-02T03:04:05Z", "2020-01-02t03:04:05z": "2020-01-02T03:04:05Z",
		"2020-01-02T03:04:05+02:00": "2020-01-02T03:04:05+02:00", "2020-01-02 03:04:05.5-01:30": "2020-01-02T03:04:05.5-01:30",
		"1960-01-02T03:04:05Z": "1960-01-02T03:04:05Z", "2020-01-02T25:00:00Z": "", "2020-01-02T03:04:05+0200": "2020-01-02T03:04:05+02:00",
	}
	for text, want := range tests {
		at, reason := ParseTime([]byte(text))
		if (reason == "") != (want != "") || reason == "" && at.String() != want {
			t.Errorf("%q: got %v, %q, want %q", text, at, reason, want)
		}
	}
}

func TestDayNumberEqualsTime(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		want := rapid.Int64Range(-719162, 2932896).Draw(t, "days") // 0001-01-01 to 9999-12-31
		at := time.Unix(want*24*60*60, 0).UTC()
		got, ok := timetext.Days(at.Year(), int(at.Month()), at.Day())
		if !ok || got != want {
			t.Errorf("%s: got %d, %t, want %d", at.Format(time.DateOnly), got, ok, want)
		}
		if text := (Time{Kind: Date, N: want}).String(); text != at.Format(time.DateOnly) {
			t.Errorf("day %d is written %s, want %s", want, text, at.Format(time.DateOnly))
		}
	})
}

func TestParseTimeReadsWhatIsWritten(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		want := Time{Kind: rapid.SampledFrom([]Kind{Step, Date, Datetime, Instant}).Draw(t, "kind")}
		switch want.Kind {
		case Step:
			want.N = rapid.Int64Range(-maxStep, maxStep).Draw(t, "n")
		case Date:
			want.N = rapid.Int64Range(minMicros/microsPerDay, maxMicros/microsPerDay).Draw(t, "n")
		default:
			want.N = rapid.Int64Range(minMicros, maxMicros).Draw(t, "n")
		}
		got, reason := ParseTime(want.Append(nil))
		if reason != "" || !got.Equal(want) {
			t.Errorf("%s: got %v, %q, want %v", want, got, reason, want)
		}
	})
}
