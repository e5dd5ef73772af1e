package chart

import "fmt"

// Hits shows, day by day, what a portfolio gained or lost, and the value at risk that had been forecast for the day. A loss beyond it is an
// exception.
type Hits struct {
	Title string
	Unit  Unit
	Times Times
	Gain  []float64 // a loss is negative
	VaR   []float64 // a loss is positive
	Level string    // of the value at risk, in percent
}

// Exceptions counts the days on which the loss was greater than the value at risk, among those on which both are known.
func (h Hits) Exceptions() (exceptions, days int) {
	for i, g := range h.Gain {
		if finite(g) && finite(h.VaR[i]) {
			days++
			if -g > h.VaR[i] {
				exceptions++
			}
		}
	}
	return exceptions, days
}

// Draw draws gains as sticks from zero, exceptions as crosses, and the value at risk as a line below zero.
func (h Hits) Draw(size Size) *Picture {
	limit := make([]float64, len(h.VaR))
	for i, v := range h.VaR {
		limit[i] = -v
	}
	exceptions, days := h.Exceptions()
	f := newFrame(layout{title: h.Title, size: size, unit: h.Unit,
		description: fmt.Sprintf("%d losses beyond the %s %% value at risk on %d days, of which %s %% would be expected.", exceptions, h.Level, days, rest(h.Level)),
		legend:      []legendItem{{"gain or loss", stickKey}, {"value at risk " + h.Level + " %", lineKey(naive)}, {"loss beyond it", dotKey(harm, cross)}},
		xs:          span{-0.5, float64(max(len(h.Gain), 1)) - 0.5, true}, ys: extent(h.Gain, limit, []float64{0}), right: 4})
	f.reference(frameRef, 0)
	for i, g := range h.Gain {
		if finite(g) {
			x := f.x(float64(i))
			f.add(stroke{role: frameRef, points: []point{{x, f.y(0)}, {x, f.y(g)}}, data: true})
		}
	}
	f.line(naive, 0, limit)
	for i, g := range h.Gain {
		if finite(g) && finite(h.VaR[i]) && -g > h.VaR[i] {
			f.add(dot{role: harm, symbol: cross, at: point{f.x(float64(i)), f.y(g)}, radius: 4})
		}
	}
	f.timeAxis(h.Times)
	return f.Picture
}

// stickKey is the key of the sticks.
func stickKey(at point) (all []shape) {
	for i, h := range []float64{5, 9, 3, 7} {
		x := at.x + 3 + 5*float64(i)
		all = append(all, stroke{role: frameRef, points: []point{{x, at.y + 1}, {x, at.y - h}}})
	}
	return all
}
