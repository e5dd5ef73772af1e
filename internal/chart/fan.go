package chart

import (
	"fmt"
	"strings"
)

// Series are values at times.
type Series struct {
	Times  Times
	Values []float64
}

// From is the series from its value number i on.
func (s Series) From(i int) Series { return Series{s.Times.From(i), s.Values[i:]} }

// Interval has the bounds of a level at each step of a forecast.
type Interval struct {
	Level  string // in percent, such as 95
	Lo, Hi []float64
}

// Fan shows a forecast behind what was observed, with its intervals. Past may be empty. Ahead has the times of Point, of Naive and of all
// intervals; anything but Point may be nil.
type Fan struct {
	Title     string
	Unit      Unit
	Past      Series
	Ahead     Times
	Point     []float64
	PointName string     // such as median
	Intervals []Interval // each holds for each step by itself; the narrowest first
	Joint     *Interval  // holds for all steps together
	Naive     []float64
}

// spread is the width of numbers that are to be told apart: that of the widest interval, or of the line.
func (f Fan) spread() float64 {
	var s span
	s.include(f.Point...)
	for _, i := range f.Intervals {
		s.include(i.Lo...)
		s.include(i.Hi...)
	}
	if s.high == s.low {
		s.include(f.Past.Values...)
	}
	return (s.high - s.low) / 2
}

func (f Fan) text(v float64) string { return Significant(v, f.spread(), f.Unit) }

// describe says in sentences what a reader sees.
func (f Fan) describe() string {
	var all []string
	if n := len(f.Past.Values); n > 0 {
		all = append(all, fmt.Sprintf("Observed up to %s: %s.", f.Past.Times.Text(n-1), f.text(f.Past.Values[n-1])))
	}
	if n := len(f.Point); n > 0 {
		s := fmt.Sprintf("Forecast for %s: %s", f.Ahead.Text(n-1), f.text(f.Point[n-1]))
		for _, i := range f.Intervals {
			s += fmt.Sprintf("; %s %% between %s and %s", i.Level, f.text(i.Lo[n-1]), f.text(i.Hi[n-1]))
		}
		if f.Joint != nil {
			s += fmt.Sprintf("; the band of %s %% for all steps together ends between %s and %s", f.Joint.Level, f.text(f.Joint.Lo[n-1]), f.text(f.Joint.Hi[n-1]))
		}
		all = append(all, s+".")
	}
	return strings.Join(all, " ")
}

// Draw draws the fan.
func (f Fan) Draw(size Size) *Picture {
	n, h := len(f.Past.Values), len(f.Point)
	all := [][]float64{f.Past.Values, f.Point, f.Naive}
	for _, i := range f.Intervals {
		all = append(all, i.Lo, i.Hi)
	}
	if f.Joint != nil {
		all = append(all, f.Joint.Lo, f.Joint.Hi)
	}
	labels := f.sideTexts()
	frame := newFrame(layout{title: f.Title, description: f.describe(), size: size, legend: f.legend(), unit: f.Unit,
		xs: steps(n + h), ys: extent(all...), right: sideWidth(labels...)})
	f.drawIntervals(frame)
	if f.Joint != nil {
		frame.line(joint, n, f.Joint.Lo)
		frame.line(joint, n, f.Joint.Hi)
	}
	frame.line(naive, n, f.Naive)
	frame.line(past, 0, f.Past.Values)
	if n > 0 && h > 0 { // from the last value on
		frame.line(ahead, n-1, append([]float64{f.Past.Values[n-1]}, f.Point...))
	} else {
		frame.line(ahead, n, f.Point)
	}
	if n > 0 && finite(f.Past.Values[n-1]) {
		frame.add(dot{role: past, at: point{frame.x(float64(n - 1)), frame.y(f.Past.Values[n-1])}, radius: 3.5})
	}
	if h > 0 && finite(f.Point[h-1]) {
		frame.add(dot{role: ahead, symbol: diamond, at: point{frame.x(float64(n + h - 1)), frame.y(f.Point[h-1])}, radius: 3.5})
	}
	frame.timeAxis(f.Past.Times.Join(f.Ahead))
	f.drawSide(frame, labels)
	return frame.Picture
}

// drawIntervals fills the intervals, the widest first, from the last observed value on.
func (f Fan) drawIntervals(frame *frame) {
	n := len(f.Past.Values)
	for k := len(f.Intervals) - 1; k >= 0; k-- {
		i := f.Intervals[k]
		from, lo, hi := n, i.Lo, i.Hi
		if n > 0 && finite(f.Past.Values[n-1]) {
			last := []float64{f.Past.Values[n-1]}
			from, lo, hi = n-1, append(last[:1:1], lo...), append(last[:1:1], hi...)
		}
		frame.between(band, from, lo, hi)
	}
}

func (f Fan) legend() (items []legendItem) {
	if len(f.Past.Values) > 0 {
		items = append(items, legendItem{"observed", lineKey(past)})
	}
	name := "forecast"
	if f.PointName != "" {
		name += " (" + f.PointName + ")"
	}
	items = append(items, legendItem{name, lineKey(ahead)})
	for k, i := range f.Intervals {
		items = append(items, legendItem{i.Level + " % interval", areaKey(band, len(f.Intervals)-k)})
	}
	if f.Joint != nil {
		items = append(items, legendItem{f.Joint.Level + " % band for all steps", lineKey(joint)})
	}
	if f.Naive != nil {
		items = append(items, legendItem{"naive", lineKey(naive)})
	}
	return items
}

// sideTexts are the last point forecast and the ends of the widest interval, which stand behind the plot.
func (f Fan) sideTexts() (texts []string) {
	h := len(f.Point)
	if h == 0 {
		return nil
	}
	texts = append(texts, f.text(f.Point[h-1]))
	if k := len(f.Intervals); k > 0 {
		texts = append(texts, f.text(f.Intervals[k-1].Hi[h-1]), f.text(f.Intervals[k-1].Lo[h-1]))
	}
	return texts
}

func (f Fan) drawSide(frame *frame, texts []string) {
	h, k := len(f.Point), len(f.Intervals)
	if h == 0 || !finite(f.Point[h-1]) {
		return
	}
	labels := []sideLabel{{ahead, texts[0], true, frame.y(f.Point[h-1])}}
	if k > 0 && finite(f.Intervals[k-1].Hi[h-1]) && finite(f.Intervals[k-1].Lo[h-1]) {
		labels = append(labels, sideLabel{faint, texts[1], false, frame.y(f.Intervals[k-1].Hi[h-1])}, sideLabel{faint, texts[2], false, frame.y(f.Intervals[k-1].Lo[h-1])})
	}
	frame.sideLabels(labels)
}
