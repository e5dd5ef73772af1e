package main

import (
	"go/parser"
	"go/token"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"foliocast/mpicalc/forecast"
)

// few returns some examples of simulated kinds.
func few(names ...string) []kind {
	kinds := choose(simulated(), strings.Join(names, ","), "")
	for i := range kinds {
		kinds[i].learning, kinds[i].validation = thin(kinds[i].learning, 40), thin(kinds[i].validation, 40)
	}
	return kinds
}

func newModel(kinds []kind) (*model, []float64) {
	m := modelOf(0.01)
	for i := range kinds {
		m.add(&kinds[i], 1)
	}
	return m, m.start()
}

func TestGradientIsThatOfTheLoss(t *testing.T) {
	t.Parallel()
	m, x := newModel(few("walks monthly", "seasonal quarterly"))
	r := rand.New(rand.NewPCG(1, 1))
	for i := range x {
		x[i] += 0.1 * r.NormFloat64()
	}
	grad := make([]float64, len(x))
	m.loss(x, grad)
	largest := 0.0
	for _, g := range grad {
		largest = max(largest, math.Abs(g))
	}
	for range 60 {
		i, h := r.IntN(len(x)), 1e-5
		before := x[i]
		x[i] = before + h
		up := m.loss(x, nil)
		x[i] = before - h
		down := m.loss(x, nil)
		x[i] = before
		if got, want := grad[i], (up-down)/(2*h); math.Abs(got-want) > 1e-4*largest {
			t.Errorf("parameter %d: gradient %v, difference quotient %v", i, got, want)
		}
	}
}

// What was learned from walks must hold on walks that it has not seen.
func TestLearnedWeightsAreBetterOnSeriesNotSeen(t *testing.T) {
	t.Parallel()
	kinds := few("walks monthly", "reverting monthly")
	m, x := newModel(kinds)
	learned, err := m.minimise(x)
	if err != nil {
		t.Fatal(err)
	}
	for i := range kinds {
		kinds[i].learning = kinds[i].validation
	}
	other, _ := newModel(kinds)
	other.penalty = 0
	if before, after := other.loss(x, nil), other.loss(learned, nil); after >= before {
		t.Errorf("loss %.4f, and %.4f before learning", after, before)
	}
}

func TestTableIsGoThatNamesEveryMember(t *testing.T) {
	t.Parallel()
	m := modelOf(0.01)
	text, err := m.table(m.start())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := parser.ParseFile(token.NewFileSet(), "table.go", text, 0); err != nil {
		t.Fatal(err)
	}
	for _, name := range forecast.MemberNames() {
		if !strings.Contains(string(text), `"`+name+`"`) {
			t.Errorf("the table has no row for %s", name)
		}
	}
}

// A kind's series for learning and for validation must be different, or the validation says nothing.
func TestValidationIsNotLearnedFrom(t *testing.T) {
	t.Parallel()
	y := make([]float64, 400)
	for i := range y {
		y[i] = float64(i)
	}
	for name, cut := range map[string]func(*kind, named){
		"cuts":    cuts(4, 20),
		"windows": windows(6, []int{30, 60}, 1),
	} {
		k := kind{horizon: 8}
		cut(&k, named{"line", y})
		if len(k.learning) == 0 || len(k.validation) == 0 {
			t.Fatalf("%s: %d and %d examples", name, len(k.learning), len(k.validation))
		}
		last := 0.0
		for _, x := range k.learning {
			last = max(last, x.futures[0][7])
		}
		for _, x := range k.validation {
			if x.futures[0][0] <= last {
				t.Errorf("%s: value %v is to be forecast for validation, and learning has seen up to %v", name, x.futures[0][0], last)
			}
		}
	}
}
