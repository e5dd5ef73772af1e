package chart

import "fmt"

// shownPaths is how many paths are drawn at most: more make a grey field.
const shownPaths = 100

// Paths shows ways on which the values may go, and the quantiles of each step among all of them.
type Paths struct {
	Title     string
	Unit      Unit
	Past      Series // what was observed; may be empty
	Ahead     Times
	Paths     [][]float64 // each has a value for each of the times
	Quantiles []Quantile
}

// Quantile is the value that a probability has at each step.
type Quantile struct {
	Name   string // such as 5 %
	Values []float64
}

// Draw draws the paths.
func (p Paths) Draw(size Size) *Picture {
	n := len(p.Past.Values)
	shown := p.Paths[:min(len(p.Paths), shownPaths)]
	all := append([][]float64{p.Past.Values}, shown...)
	legend := []legendItem{{fmt.Sprintf("%d of the paths", len(shown)), pathsKey}}
	var texts []string
	for i, q := range p.Quantiles {
		all = append(all, q.Values)
		legend = append(legend, legendItem{"quantile " + q.Name, lineKey(quantileRole(i, len(p.Quantiles)))})
		texts = append(texts, q.Name)
	}
	f := newFrame(layout{title: p.Title, description: p.describe(), size: size, legend: legend, unit: p.Unit,
		xs: steps(n + p.Ahead.Len()), ys: extent(all...), right: sideWidth(texts...)})
	for _, values := range shown {
		if n > 0 {
			f.line(path, n-1, append([]float64{p.Past.Values[n-1]}, values...))
		} else {
			f.line(path, 0, values)
		}
	}
	f.line(past, 0, p.Past.Values)
	var labels []sideLabel
	for i, q := range p.Quantiles {
		r := quantileRole(i, len(p.Quantiles))
		f.line(r, n, q.Values)
		if h := len(q.Values); h > 0 && finite(q.Values[h-1]) {
			labels = append(labels, sideLabel{r, q.Name, false, f.y(q.Values[h-1])})
		}
	}
	f.sideLabels(labels)
	f.timeAxis(p.Past.Times.Join(p.Ahead))
	return f.Picture
}

// pathsKey is the key of the paths: some of them.
func pathsKey(at point) (all []shape) {
	for i, rise := range []float64{-9, -6, -3, 0, -7, -2} {
		all = append(all, stroke{role: path, points: []point{{at.x, at.y - 4}, {at.x + keyWidth/2, at.y - 4 + (rise+4)/2 + float64(i%2)}, {at.x + keyWidth, at.y + rise}}})
	}
	return all
}

// quantileRole gives the quantile in the middle the look of a forecast, and the others that of a band's edge.
func quantileRole(i, of int) role {
	if 2*i+1 == of {
		return ahead
	}
	return joint
}

func (p Paths) describe() string {
	text := fmt.Sprintf("%d paths over %d steps.", len(p.Paths), p.Ahead.Len())
	for _, q := range p.Quantiles {
		if h := len(q.Values); h > 0 {
			text += fmt.Sprintf(" Quantile %s at the end: %s.", q.Name, Significant(q.Values[h-1], p.width(), p.Unit))
		}
	}
	return text
}

// width is how far the quantiles are apart at the end.
func (p Paths) width() float64 {
	var s span
	for _, q := range p.Quantiles {
		if h := len(q.Values); h > 0 {
			s.include(q.Values[h-1])
		}
	}
	return s.high - s.low
}
