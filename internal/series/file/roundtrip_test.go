package file

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"foliocast/internal/series"
	"foliocast/internal/series/arrow"
	"foliocast/internal/series/csv"
	"foliocast/internal/series/parquet"
	"foliocast/internal/series/seriestest"
)

// drawnFile draws a wide file as a grid of texts: a time and a value, or nothing, for each asset. Each asset has a
// value in its first and its last row, so that long and wide forms of the file have the same rows. No name is one that says
// what a column holds.
type drawnFile struct {
	names []string
	times []string
	cells [][]string // by asset and time
}

func drawFile(t *rapid.T) drawnFile {
	names := rapid.SliceOfNDistinct(rapid.StringMatching(`[A-Za-z0-9"',.äß$ _-]{0,8}[QVZ]`), 1, 5, rapid.ID).Draw(t, "names")
	for i, n := range names {
		names[i] = strings.TrimLeft(n, " ")
	}
	d := drawnFile{names: rapid.Just(distinct(names)).Draw(t, "distinct")}
	n := rapid.IntRange(4, 40).Draw(t, "n")
	kind := rapid.SampledFrom([]string{"step", "day", "business", "week", "month", "hour", "clock"}).Draw(t, "kind")
	// A column of integers from 20000 to 60000 may have serial numbers of Excel.
	start := rapid.IntRange(-10000, 19000).Draw(t, "start")
	for k := range n {
		d.times = append(d.times, drawnTime(kind, start, k))
	}
	for range d.names {
		from := rapid.IntRange(0, n-4).Draw(t, "from")
		cells := make([]string, n)
		for k := from; k < n; k++ {
			inner := k > from+2 && k < n-1 // four values show the rule
			if !inner || rapid.IntRange(0, 9).Draw(t, "there") > 0 {
				cells[k] = fmt.Sprint(rapid.Float64Range(-1e6, 1e6).Draw(t, "y"))
			}
		}
		d.cells = append(d.cells, cells)
	}
	return d
}

func distinct(names []string) []string {
	seen := make(map[string]bool)
	var out []string
	for _, n := range names {
		if !seen[n] {
			seen[n] = true
			out = append(out, n)
		}
	}
	return out
}

// drawnTime is the k-th time of a kind.
func drawnTime(kind string, start, k int) string {
	switch kind {
	case "day":
		return series.Time{Kind: series.Date, N: int64(start + k)}.String()
	case "business":
		return series.Time{Kind: series.Date, N: int64(start - (start+3)%7 + k/5*7 + k%5)}.String() // day 4 was a Monday
	case "week":
		return series.Time{Kind: series.Date, N: int64(start + 7*k)}.String()
	case "month":
		return time.Date(1990, time.Month(1+k), 1, 0, 0, 0, 0, time.UTC).Format(time.DateOnly)
	case "hour":
		return series.Time{Kind: series.Instant, N: int64(start+k) * time.Hour.Microseconds()}.String()
	case "clock":
		return series.Time{Kind: series.Datetime, N: int64(start+k) * time.Hour.Microseconds()}.String()
	}
	return fmt.Sprint(start + k)
}

// quoted puts a name in quotes where CSV needs them.
func quoted(name string) string {
	if !strings.ContainsAny(name, "\",\r\n") {
		return name
	}
	return `"` + strings.ReplaceAll(name, `"`, `""`) + `"`
}

// wide writes the file in the wide form.
func (d drawnFile) wide() string {
	var b strings.Builder
	b.WriteString("ds")
	for _, n := range d.names {
		b.WriteString("," + quoted(n))
	}
	for k, at := range d.times {
		b.WriteString("\n" + at)
		for i := range d.names {
			b.WriteString("," + d.cells[i][k])
		}
	}
	return b.String() + "\n"
}

// long writes the file in the long form, by asset or by time.
func (d drawnFile) long(byTime bool) string {
	var b strings.Builder
	b.WriteString("unique_id,ds,y\n")
	row := func(i, k int) { fmt.Fprintf(&b, "%s,%s,%s\n", quoted(d.names[i]), d.times[k], d.cells[i][k]) }
	if byTime {
		for k := range d.times {
			for i := range d.names {
				row(i, k)
			}
		}
		return b.String()
	}
	for i := range d.names {
		for k := range d.times {
			row(i, k)
		}
	}
	return b.String()
}

// points says what the mark in numbers is: where all that were drawn are like 1.375, the
// text does not tell, and is refused.
var points = series.Options{Decimal: "."}

func TestLongEqualsWide(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		d := drawFile(rt)
		want, _ := seriestest.ReadText(t, d.wide(), points)
		for _, byTime := range []bool{false, true} {
			got, _ := seriestest.ReadText(t, d.long(byTime), points)
			if diff := cmp.Diff(seriestest.Show(got), seriestest.Show(want)); diff != "" {
				rt.Fatalf("long (-) and wide (+) differ:\n%s\n%s", diff, d.wide())
			}
		}
	})
}

func TestRoundTrips(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	rapid.Check(t, func(rt *rapid.T) {
		table, _ := seriestest.ReadText(t, drawFile(rt).wide(), points)
		want := seriestest.Show(table)
		same := func(what string, got *series.Table, err error) {
			if err != nil {
				rt.Fatalf("%s: %v", what, err)
			}
			if diff := cmp.Diff(seriestest.Show(got), want); diff != "" {
				rt.Fatalf("%s (-) differs from the table (+):\n%s", what, diff)
			}
		}
		text := seriestest.Written(t, csv.Write, table)
		got, _, err := csv.Read(text, points)
		same("CSV", got, err)
		got, _, err = parquet.Read(seriestest.Written(t, parquet.Write, table), series.Options{})
		same("Parquet", got, err)
		stored := seriestest.Written(t, arrow.Write, table)
		got, _, err = arrow.Read(stored, series.Options{})
		same("Arrow", got, err)
		if again := seriestest.Written(t, arrow.Write, got); !bytes.Equal(again, stored) {
			rt.Fatal("an equal table gives other bytes")
		}
		if again := seriestest.Written(t, csv.Write, got); !bytes.Equal(again, text) {
			rt.Fatalf("CSV, Arrow, CSV: got\n%s\nwant\n%s", again, text)
		}
		path := filepath.Join(dir, "t.arrow")
		if err := os.WriteFile(path, stored, 0o600); err != nil {
			rt.Fatal(err)
		}
		got, err = arrow.Open(path)
		same("mapped Arrow", got, err)
		if err := got.Close(); err != nil {
			rt.Fatal(err)
		}
	})
}

func TestWindowKeepsValues(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		d := drawFile(rt)
		table, _ := seriestest.ReadText(t, d.wide(), points)
		from := rapid.IntRange(0, len(d.times)-1).Draw(rt, "from")
		to := rapid.IntRange(from, len(d.times)-1).Draw(rt, "to")
		w, err := table.Window(d.times[from], d.times[to])
		if err != nil {
			return // no asset has a value there
		}
		whole, part := seriestest.Show(table), seriestest.Show(w)
		for i := range part {
			known := make(map[string]float64)
			for k, at := range whole[i].Times {
				known[at] = whole[i].Values[k]
			}
			for k, at := range part[i].Times {
				if v, ok := known[at]; !ok || v != part[i].Values[k] {
					rt.Fatalf("asset %d has %v at %s in the window, and %v in the table", i, part[i].Values[k], at, v)
				}
			}
		}
	})
}
