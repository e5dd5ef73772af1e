package main

import (
	"math"
	"math/rand/v2"
	"slices"
)

// calendars are those of the simulated kinds.
var calendars = []kind{
	{name: "monthly", step: month, periods: []int{12}, horizon: 12, season: 1},
	{name: "quarterly", step: 91 * day, periods: []int{4}, horizon: 6, season: 1},
	{name: "daily", step: day, periods: []int{7, 365}, horizon: 7, season: 1},
	{name: "weekly", step: week, periods: []int{52}, horizon: 8, season: 1},
}

// simulated makes the kinds for which no data are needed.
func simulated() []kind {
	var all []kind
	add := func(k kind, name string, lo, hi, count int, make func(r *rand.Rand, n int) []float64) {
		k.name = name
		for part, seed := range []uint64{1, 2} {
			r := rand.New(rand.NewPCG(seed, uint64(len(all))))
			for range count {
				n := int(float64(lo) * math.Pow(float64(hi)/float64(lo), r.Float64()))
				y := make(r, n+k.horizon)
				x := example{y: y[:n:n], futures: [][]float64{y[n:]}}
				if part == 0 {
					k.learning = append(k.learning, x)
				} else {
					k.validation = append(k.validation, x)
				}
			}
		}
		all = append(all, k)
	}
	walks := func(k kind, name string, least, most float64, phi func(r *rand.Rand) float64) {
		k.name = name
		for part, seed := range []uint64{1, 2} {
			r := rand.New(rand.NewPCG(seed, uint64(len(all))))
			for range 1000 {
				n := int(least * math.Pow(most/least, r.Float64()))
				phi := phi(r)
				y := recursion(r, n, phi)
				back := scales(r, y)
				x := example{}
				for range branches {
					x.futures = append(x.futures, back(future(r, y[n-1], k.horizon, phi)))
				}
				x.y = back(y)
				if part == 0 {
					k.learning = append(k.learning, x)
				} else {
					k.validation = append(k.validation, x)
				}
			}
		}
		all = append(all, k)
	}
	one := func(*rand.Rand) float64 { return 1 }
	for _, k := range calendars {
		walks(k, "short walks "+k.name, 20, 50, one)
	}
	for _, k := range calendars {
		walks(k, "walks "+k.name, 45, 320, one)
	}
	for _, k := range calendars {
		k.horizon = 1
		walks(k, "walks, one step "+k.name, 45, 320, one)
		walks(k, "reverting, one step "+k.name, 50, 320, func(r *rand.Rand) float64 { return 0.3 + 0.6*r.Float64() })
	}
	for _, k := range calendars {
		k.horizon = 6
		walks(k, "short reverting "+k.name, 50, 90, func(r *rand.Rand) float64 { return 0.45 + 0.45*r.Float64() })
		walks(k, "reverting "+k.name, 55, 320, func(r *rand.Rand) float64 { return 0.3 + 0.6*r.Float64() })
	}
	for _, k := range calendars[:2] {
		m := k.periods[0]
		k.season = m
		add(k, "seasonal "+k.name, 3*m, 15*m, 300, func(r *rand.Rand, n int) []float64 {
			y, shape := recursion(r, n, 1-0.3*float64(r.IntN(2))), draws(r, m)
			size, noise := math.Exp(r.NormFloat64()), math.Exp(r.NormFloat64())
			for t := range y {
				y[t] += size*shape[t%m] + noise*r.NormFloat64()
			}
			return positive(r, y)
		})
	}
	yearly := kind{step: day, periods: []int{7, 365}, horizon: 28, season: 7}
	add(yearly, "week and year", 800, 2500, 300, func(r *rand.Rand, n int) []float64 {
		y, shape := recursion(r, n, 0.98), draws(r, 7)
		a, b, c, phase, noise := r.Float64(), r.Float64(), r.Float64(), 7*r.Float64(), 0.3*r.Float64()
		for t := range y {
			x := 2 * math.Pi * float64(t) / 365.25
			y[t] = 0.1*a*y[t] + b*shape[t%7]/2 + c*(math.Sin(x+phase)+0.5*math.Sin(2*x-phase)) + noise*r.NormFloat64()
		}
		return positive(r, y)
	})
	weekly := kind{step: week, periods: []int{52}, horizon: 8, season: 1}
	add(weekly, "weeks of years", 70, 400, 300, func(r *rand.Rand, n int) []float64 {
		y := recursion(r, n, 1-0.5*r.Float64())
		a, b, phase, noise := r.Float64(), 2*r.Float64(), 7*r.Float64(), r.Float64()
		for t := range y {
			x := 2 * math.Pi * float64(t) / 52.18
			y[t] = 0.2*a*y[t] + b*(math.Sin(x+phase)+0.5*math.Sin(2*x-phase)) + noise*r.NormFloat64()
		}
		return positive(r, y)
	})
	long := kind{step: hour, periods: []int{24, 168, 8766}, horizon: 24, season: 24}
	add(long, "hours of years", 3000, 9000, 300, func(r *rand.Rand, n int) []float64 {
		y, shape := recursion(r, n, 0.999), draws(r, 24)
		a, b := 0.3*r.Float64(), 2*r.Float64()
		drift := recursion(r, n, 0.95)
		for t := range y {
			y[t] = a*y[t] + b*shape[t%24] + 0.3*drift[t]
		}
		return positive(r, y)
	})
	all[len(all)-1].learning, all[len(all)-1].validation = thin(all[len(all)-1].learning, 60), thin(all[len(all)-1].validation, 60)
	counts := kind{step: month, periods: []int{12}, horizon: 6, season: 1}
	add(counts, "counts", 24, 80, 300, func(r *rand.Rand, n int) []float64 {
		y, rate, size := make([]float64, n), 0.1+0.6*r.Float64(), 1+3*r.Float64()
		for t := range y {
			if r.Float64() < rate {
				y[t] = math.Ceil(size * r.ExpFloat64())
			}
		}
		return y
	})
	trends := kind{step: year, horizon: 6, season: 1}
	add(trends, "trends", 12, 60, 300, func(r *rand.Rand, n int) []float64 {
		y, slope := recursion(r, n, 1), 0.0
		step := 0.3 * r.Float64()
		level := 0.0
		slope = r.NormFloat64()
		for t := range y {
			slope = 0.97*slope + step*r.NormFloat64()
			level += slope
			y[t] = level + 0.3*y[t]
		}
		return positive(r, y)
	})
	return all
}

// branches is how many futures a walk has.
const branches = 24

// recursion is y(t) = φ·y(t-1) + noise.
func recursion(r *rand.Rand, n int, phi float64) []float64 {
	last := 0.0
	for range 50 {
		last = phi*last + r.NormFloat64()
	}
	return future(r, last, n, phi)
}

// future continues a recursion after last.
func future(r *rand.Rand, last float64, n int, phi float64) []float64 {
	y := make([]float64, n)
	for t := range y {
		last = phi*last + r.NormFloat64()
		y[t] = last
	}
	return y
}

func draws(r *rand.Rand, n int) []float64 {
	y := make([]float64, n)
	for i := range y {
		y[i] = r.NormFloat64()
	}
	return y
}

// positive makes y positive in one of two ways or leaves it as it is.
func positive(r *rand.Rand, y []float64) []float64 { return scales(r, y)(y) }

// scales returns one of three ways to write series like y: as it is, positive by a constant, and as exponentials.
func scales(r *rand.Rand, y []float64) func([]float64) []float64 {
	kind, shift := r.IntN(3), 10+40*r.Float64()-min(slices.Min(y), 0)
	return func(y []float64) []float64 {
		out := make([]float64, len(y))
		for t, v := range y {
			switch kind {
			case 0:
				out[t] = math.Exp(3 + v/20)
			case 1:
				out[t] = v + shift
			default:
				out[t] = v
			}
		}
		return out
	}
}
