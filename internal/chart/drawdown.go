package chart

import "fmt"

// Drawdown shows how far values were below their highest one so far, as a share of it, and how deep the fall may be within the horizon of
// a forecast.
type Drawdown struct {
	Title  string
	Past   Series // of values above zero
	Limits []Limit
}

// Limit is a fall that is not exceeded with a probability.
type Limit struct {
	Level string  // in percent
	Fall  float64 // a share: 0.05 is 5 %
}

// falls are the values relative to the highest so far, at most 0.
func (d Drawdown) falls() []float64 {
	falls := make([]float64, len(d.Past.Values))
	peak := 0.0
	for i, v := range d.Past.Values {
		if finite(v) {
			peak = max(peak, v)
		}
		falls[i] = v/peak - 1
	}
	return falls
}

// Draw draws the falls, below zero.
func (d Drawdown) Draw(size Size) *Picture {
	falls := d.falls()
	zeros := make([]float64, len(falls))
	var values, deepest span
	values.include(0)
	values.include(falls...)
	deepest.include(falls...)
	legend := []legendItem{{"fall from the peak so far", lineKey(past)}}
	description := fmt.Sprintf("Deepest fall: %s; last: %s.", Significant(deepest.low, 0.1, Percent), Significant(last(falls), 0.1, Percent))
	var texts []string
	for i, l := range d.Limits {
		values.include(-l.Fall)
		legend = append(legend, legendItem{l.Level + " % stay above, within the horizon", lineKey(limitRole(i))})
		texts = append(texts, Significant(-l.Fall, 0.1, Percent))
		description += fmt.Sprintf(" Within the horizon, %s %% of the falls are less deep than %s.", l.Level, texts[i])
	}
	values = values.padded(0.06)
	values.high = 0
	f := newFrame(layout{title: d.Title, description: description, size: size, legend: legend, unit: Percent,
		xs: steps(len(falls)), ys: values, right: sideWidth(texts...)})
	f.between(band, 0, falls, zeros)
	f.line(past, 0, falls)
	var labels []sideLabel
	for i, l := range d.Limits {
		f.reference(limitRole(i), -l.Fall)
		labels = append(labels, sideLabel{limitRole(i), texts[i], false, f.y(-l.Fall)})
	}
	f.sideLabels(labels)
	f.timeAxis(d.Past.Times)
	return f.Picture
}

// limitRole tells limits apart.
func limitRole(i int) role { return []role{naive, harm, joint, third}[i%4] }

func last(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	return values[len(values)-1]
}
