package forecast

import "slices"

// A grid is a series on the slots of its calendar, some of which are empty. Its values are numbered from 0, and the steps of
// the forecast after them; slots are numbered from that of value 0.
type grid struct {
	values []float64
	slot   []int     // of each value, and of each step after them
	y      []float64 // the value of each slot; empty ones are filled in
	empty  []bool
}

// place puts the values of a series on their slots, for h steps after them and on limit slots at most: older values are left
// out. It reports false when no slot is empty, or when so many are that more than half of the slots would be filled in or
// half of the values left out; the series is then best taken as it is.
func (e *Engine) place(values []float64, skips []Skip, unread, h, limit int) (g grid, ok bool) {
	n := len(values)
	g.slot = e.mem.ints(n + h)
	next, empty := 0, 0
	for k := range g.slot {
		for next < len(skips) && int(skips[next].At)-unread <= k {
			if k > 0 && int(skips[next].At)-unread == k {
				empty += int(skips[next].Count)
			}
			next++
		}
		g.slot[k] = k + empty
	}
	from, _ := slices.BinarySearch(g.slot[:n], g.slot[n-1]-limit+1)
	first, count := g.slot[from], n-from
	slots := g.slot[n-1] - first + 1
	if g.slot[n+h-1]-first == count+h-1 || 2*count < slots || 2*count < n || g.slot[n+h-1]-g.slot[n-1] > 3*h+maxClosed {
		return g, false
	}
	g.values, g.slot = values[from:], g.slot[from:]
	for k := range g.slot {
		g.slot[k] -= first
	}
	g.y, g.empty = e.mem.floats(slots), e.mem.flags(slots)
	for s := range g.empty {
		g.empty[s] = true
	}
	for k, v := range g.values {
		g.y[g.slot[k]], g.empty[g.slot[k]] = v, false
	}
	return g, true
}

// maxClosed is how many slots beyond three times the horizon a forecast may have to cross.
const maxClosed = 100

// fill gives the empty slots values with which the models can go on. An empty slot s after the value at slot a is that value
// moved on by the mean of what the season of m slots did from there before:
//
//	y(s) = y(a) + Σ (y(s-j·m) - y(a-j·m)) / J,  j = 1..J <= filledSeasons
//
// within the range of the values up to a. Before there is a season, and with m = 0, it is the value itself. What follows a run
// of more than a season repeats that. So a filled slot depends on nothing after it.
func (g *grid) fill(m int) {
	lo, hi := g.y[0], g.y[0]
	for k := 1; k < len(g.values); k++ {
		a, b := g.slot[k-1], g.slot[k]
		lo, hi = min(lo, g.y[a]), max(hi, g.y[a])
		for s := a + 1; s < b; s++ {
			if m > 0 && s-a > m {
				g.y[s] = g.y[s-m]
				continue
			}
			sum, seasons := 0.0, 0
			for back := m; back > 0 && back <= a && seasons < filledSeasons; back += m {
				sum += g.y[s-back] - g.y[a-back]
				seasons++
			}
			g.y[s] = min(max(g.y[a]+sum/float64(max(seasons, 1)), lo), hi)
		}
	}
}

// filledSeasons is from how many seasons the value of an empty slot is taken: more make it less noisy, and staler.
const filledSeasons = 6

// end is the training length in slots of the first n values.
func (g *grid) end(n int) int { return g.slot[n-1] + 1 }

// reach is how many slots lie between the first n values and the h-th after them.
func (g *grid) reach(n, h int) int { return g.slot[n+h-1] - g.slot[n-1] }

// fromSteps puts the steps after n values on the slots after them. An empty slot repeats the step before it, and those before
// the first step repeat that.
func (g *grid) fromSteps(slots, steps []float64, n int) {
	at := 0
	for k, v := range steps {
		for end := g.reach(n, k+1); at < end; at++ {
			slots[at] = v
		}
	}
	fill(slots[at:], steps[len(steps)-1])
}

// toSteps takes the h steps after n values out of the slots after them.
func (g *grid) toSteps(steps, slots []float64, n int) {
	for k := range steps {
		steps[k] = slots[g.reach(n, k+1)-1]
	}
}
