package chart

import (
	"math"
	"math/rand/v2"
	"time"
)

// drawn is any kind of picture.
type drawn interface{ Draw(Size) *Picture }

// days are business days from a Monday on.
func days(n int) []string {
	var all []string
	for at := time.Date(2023, 3, 6, 0, 0, 0, 0, time.UTC); len(all) < n; at = at.AddDate(0, 0, 1) {
		if at.Weekday() != time.Saturday && at.Weekday() != time.Sunday {
			all = append(all, at.Format(time.DateOnly))
		}
	}
	return all
}

// walk is a random walk of prices.
func walk(r *rand.Rand, n int, from, volatility float64) []float64 {
	all := make([]float64, n)
	for i := range all {
		from *= math.Exp(volatility * r.NormFloat64())
		all[i] = from
	}
	return all
}

// hostile is a name that a user may choose.
const hostile = `</title><script>alert("x")</script> & 'ö' ` + "\x00\u202e"

func sampleFan() Fan {
	r := rand.New(rand.NewPCG(1, 2))
	const n, h = 120, 20
	ds := days(n + h)
	past := walk(r, n, 5400, 0.011)
	last := past[n-1]
	fan := Fan{Title: "Forecast of " + hostile, Past: Series{ParseTimes(ds[:n]), past}, Ahead: ParseTimes(ds[n:]), PointName: "median"}
	bands := make([]Interval, 2)
	joint := Interval{Level: "90"}
	for k := range h {
		width := last * 0.011 * math.Sqrt(float64(k+1))
		fan.Point = append(fan.Point, last*(1+0.0004*float64(k)))
		fan.Naive = append(fan.Naive, last)
		for i, z := range []float64{1.28, 1.96} {
			bands[i].Level = []string{"80", "95"}[i]
			bands[i].Lo, bands[i].Hi = append(bands[i].Lo, last-z*width), append(bands[i].Hi, last+z*width*1.1)
		}
		joint.Lo, joint.Hi = append(joint.Lo, last-2.5*width), append(joint.Hi, last+2.6*width)
	}
	fan.Intervals, fan.Joint = bands, &joint
	return fan
}

func samplePaths() Paths {
	r := rand.New(rand.NewPCG(3, 4))
	fan := sampleFan()
	p := Paths{Title: "Paths", Past: fan.Past, Ahead: fan.Ahead}
	for range 150 {
		p.Paths = append(p.Paths, walk(r, fan.Ahead.Len(), fan.Past.Values[len(fan.Past.Values)-1], 0.011))
	}
	for i, name := range []string{"5 %", "50 %", "95 %"} {
		p.Quantiles = append(p.Quantiles, Quantile{name, [][]float64{fan.Intervals[1].Lo, fan.Point, fan.Intervals[1].Hi}[i]})
	}
	return p
}

func sampleHits() Hits {
	r := rand.New(rand.NewPCG(5, 6))
	h := Hits{Title: "Losses", Times: ParseTimes(days(250)), Level: "95"}
	for range 250 {
		h.Gain, h.VaR = append(h.Gain, 40*r.NormFloat64()), append(h.VaR, 60+8*r.Float64())
	}
	return h
}

// samples has a picture of each kind, by name.
func samples() map[string]drawn {
	fan, r := sampleFan(), rand.New(rand.NewPCG(7, 8))
	names := []string{"DAX", "SMI", hostile, "FTSE", "A very long name of an asset that nobody shortened"}
	heat := Heat{Title: "Correlation of errors", Names: names}
	var parts []Part
	for i, name := range names {
		row := make([]float64, len(names))
		for j := range row {
			row[j] = math.Round(100*math.Cos(float64(i-j)*1.2)) / 100
		}
		heat.Values = append(heat.Values, row)
		parts = append(parts, Part{name, 40 - 18*float64(i)})
	}
	groups := Groups{Title: "By volatility", Name: "decile of volatility, the calmest first", Level: 95, Independent: true}
	pit := PIT{Title: "PIT", Independent: true}
	for i := range 10 {
		groups.Groups = append(groups.Groups, Group{Share: 0.97 - 0.006*float64(i), Number: 50})
		pit.Counts = append(pit.Counts, 40+r.IntN(30), 40+r.IntN(30))
	}
	return map[string]drawn{
		"fan":          fan,
		"fan alone":    Fan{Title: "Only a forecast", Ahead: fan.Ahead, Point: fan.Point},
		"small fan":    Fan{Title: "Return", Unit: Percent, Ahead: ParseTimes([]string{"1", "2", "3"}), Point: []float64{0.001, 0.002, 0.004}, Intervals: []Interval{{"95", []float64{-0.01, -0.02, -0.03}, []float64{0.01, 0.03, 0.04}}}},
		"one step":     Fan{Title: "One step", Ahead: ParseTimes([]string{"2024-03-01"}), Point: []float64{7}, Intervals: []Interval{{"95", []float64{6}, []float64{8}}}},
		"paths":        samplePaths(),
		"drawdown":     Drawdown{"Falls", fan.Past, []Limit{{"95", 0.08}, {"99", 0.13}}},
		"hits":         sampleHits(),
		"coverage":     Coverage{"Coverage", []Covered{{50, 0.48, 200}, {80, 0.83, 200}, {95, 0.93, 200}, {99, math.NaN(), 0}}},
		"pit":          pit,
		"groups":       groups,
		"many values":  PIT{Title: "PIT of several assets", Counts: pit.Counts},
		"many groups":  Groups{Title: "Of several assets", Name: groups.Name, Level: 95, Groups: groups.Groups},
		"contribution": Bars{"Components", Plain, "VaR", parts},
		"bars":         Bars{"A scenario", Percent, "", []Part{{"Portfolio", -0.031}, {"DAX", -0.1}, {hostile, 0.02}}},
		"heat":         heat,
		"sparkline":    Sparkline{"A line", fan.Past.Values, fan.Point, fan.Intervals[0].Lo, fan.Intervals[0].Hi},
	}
}
