// Package seriestest helps the tests of the packages of series: it shows tables as values that can be compared.
package seriestest

import (
	"bytes"
	"errors"
	"io"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"

	"foliocast/internal/series"
	"foliocast/internal/series/csv"
)

// Small is a wide file of two assets over a week, with values missing at the ends and inside.
const Small = "ds,A,B\n2020-01-01,1,\n2020-01-02,2,20\n2020-01-03,,30\n2020-01-04,4,\n2020-01-05,5,50\n2020-01-06,6,\n2020-01-07,7,\n"

// Shown is all that a table shows of an asset.
type Shown struct {
	Name   string
	Freq   series.Freq
	Times  []string
	Values []float64
	Filled int
}

// Show turns a table into something that can be compared.
func Show(t *series.Table) []Shown {
	var out []Shown
	for i, name := range t.Names() {
		s := Shown{Name: name, Freq: t.FreqOf(i), Filled: t.Filled(i)}
		for k, v := range t.Values(i) {
			s.Times = append(s.Times, t.At(i, k).String())
			s.Values = append(s.Values, v)
		}
		out = append(out, s)
	}
	return out
}

// Values are the values of all assets.
func Values(t *series.Table) map[string][]float64 {
	out := make(map[string][]float64)
	for i, name := range t.Names() {
		out[name] = append([]float64{}, t.Values(i)...)
	}
	return out
}

// ReadText reads a CSV text that must be readable.
func ReadText(t testing.TB, text string, o series.Options) (*series.Table, *series.Audit) {
	t.Helper()
	table, audit, err := csv.Read([]byte(text), o)
	if err != nil {
		t.Fatalf("read CSV: %v", err)
	}
	return table, audit
}

// Written is what a format's Write writes of a table.
func Written(t testing.TB, write func(io.Writer, *series.Table) error, table *series.Table) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := write(&b, table); err != nil {
		t.Fatalf("write: %v", err)
	}
	return b.Bytes()
}

// Equal fails the test when got and want differ.
func Equal[T any](t testing.TB, what string, got, want T) {
	t.Helper()
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("%s: got (-) and want (+) differ:\n%s", what, diff)
	}
}

// Rejection is the RejectError that err must be.
func Rejection(t testing.TB, err error) *series.RejectError {
	t.Helper()
	r, ok := errors.AsType[*series.RejectError](err)
	if !ok {
		t.Fatalf("error %v is not a RejectError", err)
	}
	return r
}

// Use reads all of a table, so that an inconsistent one panics.
func Use(table *series.Table) {
	Show(table)
	table.Audit()
	for i := range table.Names() {
		if len(table.Values(i)) > 0 {
			table.Next(i, 3)
		}
	}
	_, _ = table.Stale(nil, "")
	for i := range table.Names() {
		table.Slots(i, 3)
	}
}

// Valid fails the test when a table is not what a reader must make: places within its axes, times that ascend, and no
// value that is not finite.
func Valid(t testing.TB, table *series.Table) {
	t.Helper()
	Use(table)
	for i := range table.Names() {
		for k, v := range table.Values(i) {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				t.Fatalf("value %d of asset %d is %v", k, i, v)
			}
			if k > 0 && table.At(i, k).Compare(table.At(i, k-1)) <= 0 {
				t.Fatalf("the times of asset %d do not ascend", i)
			}
		}
	}
}

// Prices is a table of daily prices with two decimals, by a fixed rule.
func Prices(t testing.TB, assets, days int) *series.Table {
	t.Helper()
	columns := []string{"ds"}
	for i := range assets {
		columns = append(columns, "asset"+series.Time{Kind: series.Step, N: int64(i)}.String())
	}
	b, err := series.NewBuilder(series.Named(columns...), series.Options{})
	if err != nil {
		t.Fatal(err)
	}
	b.Kind = series.Date
	for k := range days {
		b.AddTime(int64(2+k), int64(18262+k))
	}
	state := uint64(1)
	for range assets {
		y := make([]float64, days)
		for k := range y {
			state = state*6364136223846793005 + 1442695040888963407 // Knuth's MMIX generator
			y[k] = float64(5000+state>>52) / 100
		}
		b.SetValues(y)
	}
	table, _, err := b.Table()
	if err != nil {
		t.Fatal(err)
	}
	return table
}
