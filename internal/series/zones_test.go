package series_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"foliocast/internal/series"
	"foliocast/internal/series/csv"
	"foliocast/internal/series/seriestest"
)

// input is the text of a file in testdata.
func input(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// next are the texts of the h times after the last of asset i.
func next(table *series.Table, i, h int) []string {
	var out []string
	for _, at := range table.Next(i, h) {
		out = append(out, at.String())
	}
	return out
}

// hourly is a wide file with a value for each hour of a zone from one time to another, written in a layout.
func hourly(t *testing.T, zone, layout, from, to string) string {
	t.Helper()
	at, err := time.Parse(time.RFC3339, from)
	if err != nil {
		t.Fatal(err)
	}
	end, err := time.Parse(time.RFC3339, to)
	if err != nil {
		t.Fatal(err)
	}
	in, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	b.WriteString("ds,y\n")
	for k := 1; !at.After(end); k++ {
		fmt.Fprintf(&b, "%s,%d\n", at.In(in).Format(layout), k)
		at = at.Add(time.Hour)
	}
	return b.String()
}

const localForm, offsetForm = "2006-01-02 15:04:05", "2006-01-02T15:04:05-07:00"

func TestZonesOfOffsets(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		text, zone string
		next       []string
		remarks    int64
	}{
		"Berlin over autumn":       {hourly(t, "Europe/Berlin", offsetForm, "2024-10-26T20:00:00Z", "2024-10-27T04:00:00Z"), "Europe/Berlin", []string{"2024-10-27T06:00:00+01:00"}, 1},
		"New York over spring":     {hourly(t, "America/New_York", offsetForm, "2024-03-10T02:00:00Z", "2024-03-10T08:00:00Z"), "America/New_York", []string{"2024-03-10T05:00:00-04:00"}, 1},
		"Sydney over spring":       {hourly(t, "Australia/Sydney", offsetForm, "2024-10-05T10:00:00Z", "2024-10-05T18:00:00Z"), "Australia/Sydney", []string{"2024-10-06T06:00:00+11:00"}, 1},
		"a constant offset":        {hourly(t, "Asia/Kolkata", offsetForm, "2024-10-05T10:00:00Z", "2024-10-05T18:00:00Z"), "+05:30", []string{"2024-10-06T00:30:00+05:30"}, 0},
		"UTC":                      {hourly(t, "UTC", offsetForm, "2024-10-05T10:00:00Z", "2024-10-05T18:00:00Z"), "UTC", []string{"2024-10-05T19:00:00Z"}, 0},
		"offsets of no known zone": {"ds,y\n2024-01-01T00:00:00+03:00,1\n2024-01-01T01:00:00+09:00,2\n2023-12-31T23:00:00Z,3\n", "UTC", nil, 1},
		"London in winter, then in summer": {"ds,y\n2024-03-29T00:00:00Z,1\n2024-03-30T00:00:00+00:00,2\n2024-03-31T00:00:00Z,2\n2024-04-01T00:00:00+01:00,3\n2024-04-02T00:00:00+01:00,3\n",
			"Europe/London", []string{"2024-04-03T00:00:00+01:00"}, 1},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			table, audit := seriestest.ReadText(t, test.text, series.Options{})
			seriestest.Equal(t, "zone", audit.Zone, test.zone)
			seriestest.Equal(t, "remarks", audit.Zones.Count, test.remarks)
			if test.next != nil {
				seriestest.Equal(t, "next", next(table, 0, len(test.next)), test.next)
			}
		})
	}
}

func TestTimezoneOfLocalTimes(t *testing.T) {
	t.Parallel()
	fall := hourly(t, "Europe/Berlin", localForm, "2024-10-26T22:00:00Z", "2024-10-27T03:00:00Z")
	want := []string{"2024-10-27T00:00:00+02:00", "2024-10-27T01:00:00+02:00", "2024-10-27T02:00:00+02:00", "2024-10-27T02:00:00+01:00", "2024-10-27T03:00:00+01:00", "2024-10-27T04:00:00+01:00"}
	lines := strings.Split(strings.TrimSpace(fall), "\n")
	reversed := lines[0] + "\n"
	for k := len(lines) - 1; k > 0; k-- {
		reversed += lines[k] + "\n"
	}
	long := "unique_id,ds,y\n"
	for _, l := range lines[1:] {
		long += "A," + l + "\nB," + l + "\n"
	}
	halves := "ds,y\n2024-10-27 01:30:00,1\n2024-10-27 02:00:00,2\n2024-10-27 02:30:00,3\n2024-10-27 02:00:00,4\n2024-10-27 02:30:00,5\n2024-10-27 03:00:00,6\n"
	for name, test := range map[string]struct {
		text   string
		want   []string
		values []float64
	}{
		"in order":            {fall, want, []float64{1, 2, 3, 4, 5, 6}},
		"newest first":        {reversed, want, []float64{1, 2, 3, 4, 5, 6}},
		"two assets, by time": {long, want, []float64{1, 2, 3, 4, 5, 6}},
		"half hours": {halves, []string{"2024-10-27T01:30:00+02:00", "2024-10-27T02:00:00+02:00", "2024-10-27T02:30:00+02:00", "2024-10-27T02:00:00+01:00", "2024-10-27T02:30:00+01:00", "2024-10-27T03:00:00+01:00"},
			[]float64{1, 2, 3, 4, 5, 6}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			table, audit := seriestest.ReadText(t, test.text, series.Options{Timezone: "Europe/Berlin"})
			shown := seriestest.Show(table)
			for _, asset := range shown {
				seriestest.Equal(t, "times", asset.Times, test.want)
				seriestest.Equal(t, "values", asset.Values, test.values)
			}
			seriestest.Equal(t, "zone", audit.Zone, "Europe/Berlin")
		})
	}
}

// Case 28: without a zone the hour of autumn is a duplicate; with its zone the file has all of its 289 hours.
func TestSummerTime(t *testing.T) {
	t.Parallel()
	table, audit := seriestest.ReadText(t, input(t, "berlin_fall.csv"), series.Options{Timezone: "Europe/Berlin"})
	seriestest.Equal(t, "values", len(table.Values(0)), 289)
	seriestest.Equal(t, "filled", audit.Filled, 0)
	seriestest.Equal(t, "next", next(table, 0, 2), []string{"2024-11-02T00:00:00+01:00", "2024-11-02T01:00:00+01:00"})
	table, audit = seriestest.ReadText(t, input(t, "berlin_spring.csv"), series.Options{Timezone: "Europe/Berlin"})
	seriestest.Equal(t, "values in spring", len(table.Values(0)), 263)
	seriestest.Equal(t, "filled in spring", audit.Filled, 0)
	seriestest.Equal(t, "next in spring", next(table, 0, 1), []string{"2024-04-05T00:00:00+02:00"})
	table, audit = seriestest.ReadText(t, input(t, "berlin_offset.csv"), series.Options{})
	seriestest.Equal(t, "zone of offsets", audit.Zone, "Europe/Berlin")
	seriestest.Equal(t, "next of offsets", next(table, 0, 2), []string{"2024-11-02T00:00:00+01:00", "2024-11-02T01:00:00+01:00"})
}

func TestTimezoneRefuses(t *testing.T) {
	t.Parallel()
	spring := "ds,y\n2024-03-31 01:00:00,1\n2024-03-31 02:00:00,2\n2024-03-31 03:00:00,3\n"
	_, _, err := readText(spring, series.Options{Timezone: "Europe/Berlin"})
	r := seriestest.Rejection(t, err)
	seriestest.Equal(t, "fault", r.Faults[0].String(), "line 3: the time 2024-03-31 02:00:00 does not exist in the zone Europe/Berlin: the clocks were put forward")
	for name, test := range map[string]struct{ text, zone, want string }{
		"dates":        {"ds,y\n2024-03-31,1\n", "Europe/Berlin", "timezone: the file has dates, which are in no zone"},
		"steps":        {"ds,y\n1,1\n", "UTC", "timezone: the file has integer steps, which are in no zone"},
		"unknown zone": {spring, "Berlin", `timezone: "Berlin" is not the name of a time zone, such as Europe/Berlin, America/New_York or UTC, and not an offset, such as +09:00`},
	} {
		if _, _, err := readText(test.text, series.Options{Timezone: test.zone}); err == nil || err.Error() != test.want {
			t.Errorf("%s: got error %v, want %s", name, err, test.want)
		}
	}
}

func TestTimezoneOfInstants(t *testing.T) {
	t.Parallel()
	text := "ds,y\n2024-03-15T21:00:00Z,1\n2024-03-16T21:00:00Z,2\n2024-03-17T21:00:00Z,3\n"
	table, _ := seriestest.ReadText(t, text, series.Options{Timezone: "Asia/Tokyo"})
	seriestest.Equal(t, "times", seriestest.Show(table)[0].Times, []string{"2024-03-16T06:00:00+09:00", "2024-03-17T06:00:00+09:00", "2024-03-18T06:00:00+09:00"})
	w, err := table.Window("2024-03-17", "2024-03-17")
	if err != nil {
		t.Fatal(err)
	}
	seriestest.Equal(t, "the local day", seriestest.Show(w)[0].Times, []string{"2024-03-17T06:00:00+09:00"})
	w, err = table.Window("2024-03-17 06:00:00", "2024-03-18T05:00:00+08:00")
	if err != nil {
		t.Fatal(err)
	}
	seriestest.Equal(t, "local times", seriestest.Show(w)[0].Values, []float64{2, 3})
}

// readText reads a CSV text that may be rejected.
func readText(text string, o series.Options) (*series.Table, *series.Audit, error) {
	return csv.Read([]byte(text), o)
}
