package series_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"foliocast/internal/series"
	"foliocast/internal/series/seriestest"
)

// asOf is what a table is and does, for comparing one that was cut off with one that was read from a shorter file.
type asOf struct {
	Shown []seriestest.Shown
	Next  [][]string
	Skips [][]series.Skip
	Zone  string
}

func everything(t *series.Table) asOf {
	out := asOf{Shown: seriestest.Show(t)}
	if t.Zone() != nil {
		out.Zone = t.Zone().String()
	}
	for i := range t.Len() {
		var following []string
		if len(t.Values(i)) > 0 {
			following = next(t, i, 3)
		}
		out.Next = append(out.Next, following)
		out.Skips = append(out.Skips, t.Skips(i, 3))
	}
	return out
}

// upTo is the header of a CSV text and its rows whose first field, or the second of a long file, is at most a text.
func upTo(text, last string, field int) string {
	var b strings.Builder
	for k, line := range strings.SplitAfter(text, "\n") {
		if k == 0 || line != "" && strings.Split(line, ",")[field] <= last {
			b.WriteString(line)
		}
	}
	return b.String()
}

// What comes later would change the calendar, the axis, the values that are filled in, or the zone.
func TestAsOfIsTheShorterFile(t *testing.T) {
	t.Parallel()
	shifted := counting(10, time.DateOnly, date(2024, 1, 1), daily) + "2024-02-10,11\n2024-03-10,12\n2024-04-10,13\n2024-05-10,14\n"
	tests := map[string]struct {
		text, at string
		field    int
	}{
		"months after days":                  {shifted, "2024-01-10", 0},
		"a value inside a gap that ends":     {holes, "2024-01-04", 0},
		"a value before another gap":         {holes, "2024-01-05", 0},
		"a second asset that begins later":   {"ds,A,B\n2024-01-01,1,\n2024-01-02,2,\n2024-01-03,3,\n2024-01-04,4,\n2024-01-05,5,\n2024-01-06,6,3\n2024-01-07,7,4\n", "2024-01-05", 0},
		"days of another asset, long":        {"unique_id,ds,y\nA,2024-01-01,1\nA,2024-01-03,2\nA,2024-01-05,3\nA,2024-01-07,4\nB,2024-01-01,1\nB,2024-01-03,2\nB,2024-01-05,3\nB,2024-01-07,4\nB,2024-01-08,4\nB,2024-01-09,4\nB,2024-01-10,4\nB,2024-01-11,4\n", "2024-01-07", 1},
		"a Saturday that comes later":        {counting(20, time.DateOnly, date(2024, 1, 1), workday) + "2024-01-27,1\n2024-01-28,2\n2024-01-29,3\n2024-01-30,3\n2024-01-31,3\n2024-02-01,3\n2024-02-02,3\n2024-02-03,3\n2024-02-04,3\n", "2024-01-26", 0},
		"a change of the clocks comes later": {hourly(t, "Europe/Berlin", offsetForm, "2024-10-26T00:00:00Z", "2024-10-28T00:00:00Z"), "2024-10-26T23:00:00+02:00", 0},
		"steps":                              {"step,A,B\n1,1,1\n3,2,2\n5,3,3\n7,4,4\n8,5,5\n9,6,6\n", "7", 0},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			whole, _ := seriestest.ReadText(t, test.text, series.Options{})
			got, err := whole.AsOf(test.at)
			if err != nil {
				t.Fatal(err)
			}
			want, _ := seriestest.ReadText(t, upTo(test.text, test.at, test.field), series.Options{})
			seriestest.Equal(t, "as of", everything(got), everything(want))
		})
	}
}

// For any daily file with gaps and any end, the table as of the end is that of the shorter file.
func TestAsOfKnowsNothingLater(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(6, 40).Draw(t, "n")
		assets := rapid.IntRange(1, 3).Draw(t, "assets")
		step := rapid.SampledFrom([]int{1, 2, 7}).Draw(t, "step")
		text := "ds,A,B,C\n"[:len("ds")+2*assets] + "\n"
		at := date(2024, 1, 1)
		ends := ""
		cut := rapid.IntRange(5, n-1).Draw(t, "cut")
		for k := range n {
			text += at.Format(time.DateOnly)
			for range assets {
				text += ","
				if k < 4 || rapid.IntRange(0, 4).Draw(t, "there") > 0 {
					text += fmt.Sprint(rapid.IntRange(1, 99).Draw(t, "y"))
				}
			}
			text += "\n"
			if k == cut {
				ends = at.Format(time.DateOnly)
			}
			at = at.AddDate(0, 0, step)
			if k > cut {
				at = at.AddDate(0, 0, rapid.IntRange(0, 30).Draw(t, "later"))
			}
		}
		whole, _, err := readText(text, series.Options{})
		if err != nil {
			t.Fatal(err)
		}
		got, err := whole.AsOf(ends)
		if err != nil {
			t.Fatal(err)
		}
		want, _, err := readText(upTo(text, ends, 0), series.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(everything(got), everything(want)); diff != "" {
			t.Errorf("%s\nas of %s (-) differs from the shorter file (+)\n%s", text, ends, diff)
		}
	})
}

func TestAsOf(t *testing.T) {
	t.Parallel()
	table, _ := seriestest.ReadText(t, counting(25, time.DateOnly, date(2024, 3, 1), workday), series.Options{Freq: "XNYS"})
	got, err := table.AsOf("2024-03-28")
	if err != nil {
		t.Fatal(err)
	}
	seriestest.Equal(t, "the named frequency stays, and Good Friday is no session", next(got, 0, 1), []string{"2024-04-01"})
	if same, err := table.AsOf(""); err != nil || same != table {
		t.Errorf("as of no time: %v, %v", same, err)
	}
	for text, want := range map[string]string{
		"2023-01-01": "as_of: no value up to 2023-01-01: the data begin at 2024-03-01",
		"5":          `as_of: "5" is an integer step, where the data have a date`,
		"yesterday":  `as_of: `,
	} {
		_, err := table.AsOf(text)
		if _, ok := errors.AsType[*series.FieldError](err); !ok || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: got error %v, want %s", text, err, want)
		}
	}
	instants, _ := seriestest.ReadText(t, hourly(t, "Asia/Tokyo", offsetForm, "2024-01-01T00:00:00Z", "2024-01-03T00:00:00Z"), series.Options{})
	day, err := instants.AsOf("2024-01-02")
	if err != nil {
		t.Fatal(err)
	}
	seriestest.Equal(t, "the whole day in Tokyo", day.End(0).String(), "2024-01-02T23:00:00+09:00")
}
