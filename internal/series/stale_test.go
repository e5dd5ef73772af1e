package series_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"foliocast/internal/series"
	"foliocast/internal/series/seriestest"
)

// ending is a wide file of daily prices from 2020-01-01 on in which each asset has the given number of values.
func ending(days ...int) string {
	var b strings.Builder
	b.WriteString("ds")
	longest := 0
	for i, n := range days {
		fmt.Fprintf(&b, ",A%d", i)
		longest = max(longest, n)
	}
	for k := range longest {
		b.WriteString("\n" + time.Date(2020, 1, 1+k, 0, 0, 0, 0, time.UTC).Format(time.DateOnly))
		for _, n := range days {
			b.WriteString(",")
			if k < n {
				b.WriteString("1")
			}
		}
	}
	return b.String() + "\n"
}

func TestStale(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		text   string
		assets []int
		want   []string
	}{
		"all end together":          {ending(50, 50, 50), nil, nil},
		"two weeks are no reason":   {ending(50, 36, 50), nil, nil},
		"more than two weeks are":   {ending(50, 35, 50), nil, []string{"1 ends at 2020-02-04, the others at 2020-02-19"}},
		"of two, the older":         {ending(20, 50), nil, []string{"0 ends at 2020-01-20, the others at 2020-02-19"}},
		"only among the asked":      {ending(20, 20, 50), []int{0, 1}, nil},
		"one alone":                 {ending(20, 50), []int{0}, nil},
		"no common end":             {ending(20, 40, 60, 80, 100, 120, 140, 160, 180, 200, 220), nil, nil},
		"steps of a wide file":      {"step,A,B\n1,1,1\n2,1,\n3,1,\n4,1,\n5,1,\n6,1,\n7,1,\n8,1,\n9,1,\n10,1,\n11,1,\n12,1,\n", nil, []string{"1 ends at 1, the others at 12"}},
		"steps of a long file":      {"unique_id,ds,y\nA,1,1\nA,200,1\nB,1,1\n", nil, nil},
		"an asset without any data": {ending(50, 0), nil, nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			table, _ := seriestest.ReadText(t, test.text, series.Options{})
			var got []string
			stale, err := table.Stale(test.assets, "")
			if err != nil {
				t.Fatal(err)
			}
			for _, s := range stale {
				got = append(got, fmt.Sprintf("%d %s", s.Asset, s))
			}
			seriestest.Equal(t, "stale", got, test.want)
		})
	}
}

func TestStaleByPatience(t *testing.T) {
	t.Parallel()
	days, _ := seriestest.ReadText(t, ending(50, 45, 50), series.Options{})                    // the second ends five days before
	unrelated, _ := seriestest.ReadText(t, ending(20, 40, 60, 80, 100, 120), series.Options{}) // no common end
	wide, _ := seriestest.ReadText(t, "step,A,B\n1,1,1\n2,1,1\n3,1,\n4,1,\n", series.Options{})
	tests := map[string]struct {
		table    *series.Table
		patience string
		want     int
	}{
		"five days are five days":   {days, "5d", 0},
		"more than four days":       {days, "4d", 1},
		"hours":                     {days, "119h", 1},
		"as many hours":             {days, "120h", 0},
		"weeks":                     {days, "1w", 0},
		"minutes":                   {days, "10min", 1},
		"steps":                     {days, "5", 0},
		"fewer steps":               {days, "4", 1},
		"none":                      {days, "0", 1},
		"off":                       {days, "off", 0},
		"without a common end":      {unrelated, "30d", 4},
		"no limit":                  {unrelated, "off", 0},
		"steps of a wide file":      {wide, "1", 1},
		"more steps of a wide file": {wide, "2", 0},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := test.table.Stale(nil, test.patience)
			if err != nil {
				t.Fatal(err)
			}
			seriestest.Equal(t, "stale", len(got), test.want)
		})
	}
	for text, want := range map[string]string{
		"soon": `stale: "soon" is not a duration such as 36h, 14d or 3w, a number of steps, or off`,
		"-1":   `stale: "-1" is not a duration such as 36h, 14d or 3w, a number of steps, or off`,
		"1.5d": `stale: "1.5d" is not a duration such as 36h, 14d or 3w, a number of steps, or off`,
	} {
		if _, err := days.Stale(nil, text); err == nil || err.Error() != want {
			t.Errorf("%s: got error %v, want %s", text, err, want)
		}
	}
	if _, err := wide.Stale(nil, "2d"); err == nil || err.Error() != "stale: 2d is a duration, and the data count integer steps: give a number of steps" {
		t.Errorf("a duration of steps: got error %v", err)
	}
}

// A market that is closed at night and over the weekend does not make its hours stale.
func TestStaleHoursOfAMarket(t *testing.T) {
	t.Parallel()
	text := "unique_id,ds,y\n"
	for at := date(2024, 1, 1); at.Before(date(2024, 1, 23)); at = workday(at) {
		for hour := 9; hour < 16; hour++ {
			row := at.Add(time.Duration(hour)*time.Hour).Format("2006-01-02 15:04:05") + ",1\n"
			text += "A," + row
			if at.Before(date(2024, 1, 20)) { // B ends on Friday, A on Monday
				text += "B," + row
			}
		}
	}
	table, _ := seriestest.ReadText(t, text, series.Options{})
	got, err := table.Stale(nil, "")
	if err != nil {
		t.Fatal(err)
	}
	seriestest.Equal(t, "stale", len(got), 0)
}
