package spmd_test

import (
	"fmt"
	"slices"
	"testing"

	"foliocast/mpicalc/forecast"
	"foliocast/mpicalc/spmd"
)

// textBook is a workload that takes texts.
type textBook struct {
	*book
	texts []string
}

func (b *textBook) TakeText(text []byte) { b.texts = append(b.texts, string(text)) }

// describe writes what it is asked for, and panics for the form 9.
func describe(b []byte, t spmd.Text, o *forecast.Options, r *forecast.Result) []byte {
	b = fmt.Appendf(b, "%s %d %d %d %d %v", o.Model, t.Form, t.Steps, t.Levels, t.Quantiles, r.Mean[:t.Steps])
	if t.Form == 9 {
		panic("no such form")
	}
	return b
}

// TestTextsComeWithTheirAnswers asks for a text with some series. A series without a forecast, one whose text cannot be written, and
// ranks that cannot write have none, and the answers stay as they are.
func TestTextsComeWithTheirAnswers(t *testing.T) {
	t.Parallel()
	o := &forecast.Options{Model: "mean", Horizon: 3, Levels: []float64{80}}
	good := spmd.Series{Series: forecast.Series{Values: []float64{1, 2, 3}}, Options: o}
	asks := func(s spmd.Series, form spmd.Form) spmd.Series {
		s.Text = spmd.Text{Form: form, Steps: 2, Levels: 1}
		return s
	}
	empty := spmd.Series{Options: o}
	series := []spmd.Series{good, asks(good, 1), asks(empty, 1), asks(good, 9), asks(good, 2)}
	plain := newBook(good, good, empty, good, good)
	world(t, 1, spmd.Config{}, func(l *spmd.Leader) error { _, err := l.Run(plain); return err })
	written := []string{"", "mean 1 2 1 0 [2 2]", "", "", "mean 2 2 1 0 [2 2]"} // 2 is the mean of the values
	for _, ranks := range []int{1, 2, 3, 7} {
		for _, write := range []spmd.Write{describe, nil} {
			got := &textBook{book: newBook(series...)}
			world(t, ranks, spmd.Config{Write: write}, func(l *spmd.Leader) error { _, err := l.Run(got); return err })
			want := written
			if write == nil {
				want = make([]string, len(series))
			}
			if !slices.Equal(got.texts, want) || got.String() != plain.String() {
				t.Errorf("%d ranks: the texts are %q, want %q, and the answers %s", ranks, got.texts, want, got)
			}
		}
	}
}
