package series

import (
	"bytes"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// shown is all that a table shows of an asset.
type shown struct {
	Name   string
	Freq   Freq
	Times  []string
	Values []float64
	Filled int
}

// show turns a table into something that cmp can compare.
func show(t *Table) []shown {
	var out []shown
	for i, name := range t.Names() {
		s := shown{Name: name, Freq: t.FreqOf(i), Filled: t.Filled(i)}
		for k, v := range t.Values(i) {
			s.Times = append(s.Times, t.At(i, k).String())
			s.Values = append(s.Values, v)
		}
		out = append(out, s)
	}
	return out
}

// readText reads a CSV text that must be good.
func readText(t *testing.T, text string, o Options) (*Table, *Audit) {
	t.Helper()
	table, audit, err := ReadCSV(strings.NewReader(text), o)
	if err != nil {
		t.Fatalf("read CSV: %v", err)
	}
	return table, audit
}

// values are the values of all assets.
func values(t *Table) map[string][]float64 {
	out := make(map[string][]float64)
	for i, name := range t.Names() {
		out[name] = append([]float64{}, t.Values(i)...)
	}
	return out
}

// equal fails the test when got and want differ.
func equal[T any](t *testing.T, what string, got, want T) {
	t.Helper()
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("%s: got (-) and want (+) differ:\n%s", what, diff)
	}
}

// rejection is the RejectError that err must be.
func rejection(t *testing.T, err error) *RejectError {
	t.Helper()
	r, ok := errors.AsType[*RejectError](err)
	if !ok {
		t.Fatalf("error %v is no RejectError", err)
	}
	return r
}

// written is what a write function writes.
func written(t *testing.T, write func(*bytes.Buffer) error) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := write(&b); err != nil {
		t.Fatalf("write: %v", err)
	}
	return b.Bytes()
}

func arrowOf(t *testing.T, table *Table) []byte {
	t.Helper()
	return written(t, func(b *bytes.Buffer) error { return table.WriteArrow(b) })
}

func parquetOf(t *testing.T, table *Table) []byte {
	t.Helper()
	return written(t, func(b *bytes.Buffer) error { return table.WriteParquet(b) })
}

func csvOf(t *testing.T, table *Table) []byte {
	t.Helper()
	return written(t, func(b *bytes.Buffer) error { return table.WriteCSV(b) })
}

func nan() float64 { return math.NaN() }
