package arrow

import (
	"path/filepath"
	"testing"

	"foliocast/internal/series"
	"foliocast/internal/series/mapfile"
	"foliocast/internal/series/seriestest"
)

// The files were written by the program of commit 759fcd4, the last with version 1: assets by day (3 January is missing), by
// business day, at ends of months, by week, half-years that it called irregular, two days of a short asset, and an asset
// without a value; and a wide file of steps.
func TestVersion1OfTheStoredForm(t *testing.T) {
	t.Parallel()
	table, audit, err := readFile(filepath.Join("testdata", "version1.arrow"), series.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer table.Close()
	want := map[string]struct {
		freq series.Freq
		next string
	}{
		"days": {"D", "2024-01-08"}, "business": {"B", "2024-01-16"}, "months": {"ME", "2024-02-29"}, "weeks": {"W-FRI", "2024-02-02"},
		"half-years": {"6ME", "2024-06-30"}, "short": {"D", "2024-01-07"},
	}
	for i, name := range table.Names() {
		if name == "empty" {
			seriestest.Equal(t, "values of empty", len(table.Values(i)), 0)
			continue
		}
		seriestest.Equal(t, "freq of "+name, table.FreqOf(i), want[name].freq)
		seriestest.Equal(t, "next of "+name, table.Next(i, 1)[0].String(), want[name].next)
	}
	seriestest.Equal(t, "filled", audit.Filled, 1)
	seriestest.Equal(t, "days", table.Values(0), []float64{1, 2, 2, 4, 5, 6, 7})
	steps, err := Open(filepath.Join("testdata", "version1_steps.arrow"))
	if err != nil {
		t.Fatal(err)
	}
	defer steps.Close()
	seriestest.Equal(t, "steps", seriestest.Values(steps), map[string][]float64{"A": {1, 2, 3, 4}, "B": {2, 2, 4, 5}})
	seriestest.Equal(t, "next step", steps.Next(1, 1)[0].String(), "5")
}

// What a calendar's name leaves open, such as from when two weeks count, is stored.
func TestCalendarsAreStored(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"2W-THU":                "ds,A\n2024-01-04,1\n2024-01-18,2\n2024-02-01,3\n2024-02-15,4\n",
		"28D":                   "ds,A\n2024-01-04,1\n2024-02-01,2\n2024-02-29,3\n2024-03-28,4\n2024-04-25,5\n",
		"15min":                 "ds,A\n2024-01-04 00:05:00,1\n2024-01-04 00:20:00,2\n2024-01-04 00:35:00,3\n2024-01-04 00:50:00,4\n",
		"B-SUN,MON,TUE,WED,THU": "ds,A\n2024-01-03,1\n2024-01-04,2\n2024-01-07,3\n2024-01-08,4\n2024-01-09,5\n2024-01-10,6\n2024-01-11,7\n2024-01-14,8\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			table, _ := seriestest.ReadText(t, text, series.Options{})
			got, _, err := Read(seriestest.Written(t, Write, table), series.Options{})
			if err != nil {
				t.Fatal(err)
			}
			seriestest.Equal(t, "freq", got.Freq(), series.Freq(name))
			if !got.CalendarOf(0).Equal(table.CalendarOf(0)) {
				t.Error("the calendar that is read is another one")
			}
			for k, at := range table.Next(0, 5) {
				seriestest.Equal(t, "next", got.Next(0, 5)[k].String(), at.String())
			}
		})
	}
}

// readFile is ReadMapped for the file at a path.
func readFile(path string, o series.Options) (*series.Table, *series.Audit, error) {
	data, unmap, err := mapfile.Open(path)
	if err != nil {
		return nil, nil, err
	}
	return ReadMapped(data, unmap, o)
}
