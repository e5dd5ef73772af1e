package chart

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Covered is how many intervals of a level held the actual value.
type Covered struct {
	Level  float64 // nominal, in percent
	Share  float64 // actual, from 0 to 1
	Number int     // of intervals; 0 when it is not known
}

// Coverage shows whether intervals hold as many values as their levels say: points on the diagonal do.
type Coverage struct {
	Title  string
	Levels []Covered
}

// Draw draws a point for each level. Its whisker is where the share would be in 95 % of the cases if the level were right and the
// intervals independent.
func (c Coverage) Draw(size Size) *Picture {
	var texts []string
	legend := []legendItem{{"as nominal", lineKey(frameRef)}, {"actual share", dotKey(ahead, circle)}}
	if len(c.Levels) > 0 && c.Levels[0].Number > 0 {
		legend = append(legend, legendItem{"where 95 % of right ones are", lineKey(usual)})
	}
	for _, l := range c.Levels {
		texts = append(texts, fmt.Sprintf("%s %% intervals held %s of the values", strconv.FormatFloat(l.Level, 'g', -1, 64), Significant(l.Share, 0.1, Percent)))
	}
	f := newFrame(layout{title: c.Title, description: strings.Join(texts, "; ") + ".", size: size, legend: legend, unit: Percent,
		xs: span{0, 1, true}, ys: span{0, 1, true}, yName: "values inside", right: 24})
	f.add(stroke{role: frameRef, points: []point{{f.plot.left, f.plot.bottom}, {f.plot.right, f.plot.top}}})
	f.percentAxis("nominal level")
	for _, l := range c.Levels {
		if !finite(l.Share) {
			continue
		}
		x := f.x(l.Level / 100)
		if l.Number > 0 {
			low, high := chance(l.Level/100, l.Number)
			f.add(stroke{role: usual, points: []point{{x, f.y(low)}, {x, f.y(high)}}, data: true})
		}
		f.add(dot{role: ahead, at: point{x, f.y(l.Share)}, radius: 4.5})
	}
	return f.Picture
}

// percentAxis draws an axis from 0 to 100 % below the plot.
func (f *frame) percentAxis(name string) {
	f.add(stroke{role: frameRef, points: []point{{f.plot.left, f.plot.bottom}, {f.plot.right, f.plot.bottom}}})
	at, texts := ticks(f.xs, max(2, int((f.plot.right-f.plot.left)/70)), Percent)
	for i, v := range at {
		f.add(stroke{role: frameRef, points: []point{{f.x(v), f.plot.bottom}, {f.x(v), f.plot.bottom + 4}}})
		f.add(f.inside(texts[i], f.x(v), f.plot.bottom+lineGap))
	}
	f.add(f.inside(name, (f.plot.left+f.plot.right)/2, f.plot.bottom+2*lineGap))
}

// chance is where the share of n independent trials of probability p is in 95 % of the cases, by the normal approximation.
func chance(p float64, n int) (low, high float64) {
	const z = 1.959963984540054 // the 97.5 % quantile of the standard normal distribution
	half := z * math.Sqrt(p*(1-p)/float64(n))
	return max(0, p-half), min(1, p+half)
}

// PIT is the histogram of probability integral transforms: in which part of their predictive distributions the actual values were. Right
// forecasts have bars of equal height; humps at both ends mean that they are too narrow, one in the middle that they are too wide.
type PIT struct {
	Title       string
	Counts      []int // of bins of equal width
	Independent bool  // the values are; those of several assets on the same dates are not
}

// Draw draws the bars relative to their expected height and, of independent values, the range in which 95 % of right ones are.
func (p PIT) Draw(size Size) *Picture {
	n := 0
	for _, c := range p.Counts {
		n += c
	}
	bins := len(p.Counts)
	heights := make([]float64, bins)
	var texts []string
	for i, c := range p.Counts {
		heights[i] = float64(c) * float64(bins) / float64(max(n, 1))
		texts = append(texts, Number(heights[i], 2))
	}
	usually := []float64{}
	legend := []legendItem{{"values", barKey}, {"even", lineKey(frameRef)}}
	if p.Independent && n > 0 {
		low, high := chance(1/float64(bins), n)
		usually = []float64{low * float64(bins), high * float64(bins)}
		legend = append(legend, legendItem{"where 95 % of right ones are", lineKey(usual)})
	}
	ys := extent(heights, usually, []float64{0, 1})
	ys.low = 0
	f := newFrame(layout{title: p.Title, description: fmt.Sprintf("%d values in %d bins; height of each relative to an even spread: %s.", n, bins, strings.Join(texts, ", ")), size: size,
		legend: legend,
		xs:     span{0, 1, true}, ys: ys, yName: "relative frequency", right: 24})
	for i, h := range heights {
		b := box{f.x(float64(i)/float64(bins)) + 1, f.y(h), f.x(float64(i+1)/float64(bins)) - 1, f.plot.bottom}
		f.add(rectangle(band, b, true), rectangle(band, b, true))
		f.add(stroke{role: ahead, points: []point{{b.left, b.top}, {b.right, b.top}}, data: true})
	}
	f.reference(frameRef, 1)
	for _, v := range usually {
		f.reference(usual, v)
	}
	f.percentAxis("part of the predictive distribution")
	return f.Picture
}

// barKey is the key of the bars: the top edge of a light area.
func barKey(at point) []shape {
	edge := stroke{role: ahead, points: []point{{at.x, at.y - 9}, {at.x + keyWidth, at.y - 9}}}
	return append(areaKey(band, 2)(at), edge)
}

// Group is the coverage of the intervals of one of several groups of equal size.
type Group struct {
	Low, High float64 // of what they were grouped by
	Share     float64 // of the intervals that held the value
	Number    int
}

// Groups shows the coverage of intervals in groups, such as deciles of volatility. Right intervals cover the same share in each.
type Groups struct {
	Title       string
	Name        string  // of the groups, such as decile of volatility, the calmest first
	Level       float64 // nominal, in percent
	Groups      []Group
	Independent bool // the intervals are; those of several assets on the same dates are not
}

// Draw draws a point for each group and, of independent intervals, the range in which 95 % of right ones are.
func (g Groups) Draw(size Size) *Picture {
	shares := []float64{g.Level / 100}
	var texts []string
	for i, group := range g.Groups {
		shares = append(shares, group.Share)
		if g.Independent && group.Number > 0 {
			low, high := chance(g.Level/100, group.Number)
			shares = append(shares, low, high)
		}
		texts = append(texts, fmt.Sprintf("%d: %s", i+1, Significant(group.Share, 0.1, Percent)))
	}
	legend := []legendItem{{"nominal", lineKey(frameRef)}, {"actual share", dotKey(ahead, circle)}}
	if g.Independent {
		legend = append(legend, legendItem{"where 95 % of right ones are", lineKey(usual)})
	}
	level := strconv.FormatFloat(g.Level, 'g', -1, 64)
	ys := extent(shares)
	ys.low, ys.high = max(ys.low, 0), min(ys.high, 1)
	f := newFrame(layout{title: g.Title, description: fmt.Sprintf("Share of values inside the %s %% interval by %s: %s.", level, g.Name, strings.Join(texts, ", ")), size: size, unit: Percent,
		legend: legend,
		xs:     span{0.5, float64(len(g.Groups)) + 0.5, true}, ys: ys, yName: "values inside", right: 8})
	f.add(stroke{role: frameRef, points: []point{{f.plot.left, f.plot.bottom}, {f.plot.right, f.plot.bottom}}})
	f.reference(frameRef, g.Level/100)
	for i, group := range g.Groups {
		x := f.x(float64(i + 1))
		f.add(f.inside(strconv.Itoa(i+1), x, f.plot.bottom+lineGap))
		if group.Number == 0 || !finite(group.Share) {
			continue
		}
		if g.Independent {
			low, high := chance(g.Level/100, group.Number)
			f.add(stroke{role: usual, points: []point{{x, f.y(low)}, {x, f.y(high)}}, data: true})
		}
		f.add(dot{role: ahead, at: point{x, f.y(group.Share)}, radius: 4.5})
	}
	f.add(f.inside(g.Name, (f.plot.left+f.plot.right)/2, f.plot.bottom+2*lineGap))
	return f.Picture
}

// rest is what a level leaves, in percent.
func rest(level string) string {
	l, err := strconv.ParseFloat(level, 64)
	if err != nil {
		return "–"
	}
	return strconv.FormatFloat(math.Round(1e9*(100-l))/1e9, 'g', -1, 64)
}
