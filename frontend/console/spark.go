package console

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"foliocast/frontend/client"
)

// spark is a small picture of a series, without axes: its last values, and what is forecast.
type spark struct {
	Past, Ahead string // points of lines
	X, Y        string // of the last point
	Label       string // for those who do not see it
}

// The picture's size in its own units, and how many values of the past it has.
const (
	sparkWidth, sparkHeight, sparkMargin = 120.0, 28.0, 3.0
	sparkValues                          = 30
)

// forecastSpark is the picture of a forecast, or nil without one.
func forecastSpark(s client.Sketch) *spark {
	if len(s.Mean) == 0 {
		return nil
	}
	out := drawn(s.Y, s.Mean)
	out.Label = "Forecast: " + number(s.Mean[len(s.Mean)-1])
	if len(s.Y) > 0 {
		out.Label = fmt.Sprintf("Last value: %s; forecast: %s", number(s.Y[len(s.Y)-1]), number(s.Mean[len(s.Mean)-1]))
	}
	return out
}

// pastSpark is the picture of the last values of a series, or nil without one.
func pastSpark(values []float64) *spark {
	if len(values) == 0 {
		return nil
	}
	out := drawn(values, nil)
	out.Label = fmt.Sprintf("Last values: %s, between %s and %s", number(values[len(values)-1]), number(slices.Min(values)), number(slices.Max(values)))
	return out
}

// drawn draws a series, which is not empty, over the whole width and height.
func drawn(past, ahead []float64) *spark {
	all := slices.Concat(past, ahead)
	lo, hi := slices.Min(all), slices.Max(all)
	point := func(k int) (x, y string) {
		across, up := 0.5, 0.5
		if len(all) > 1 {
			across = float64(k) / float64(len(all)-1)
		}
		if span := hi - lo; span > 0 && !math.IsInf(span, 0) {
			up = (all[k] - lo) / span
		}
		return coordinate(sparkMargin + across*(sparkWidth-2*sparkMargin)), coordinate(sparkHeight - sparkMargin - up*(sparkHeight-2*sparkMargin))
	}
	line := func(from, to int) string {
		var points []string
		for k := max(from, 0); k < to; k++ {
			x, y := point(k)
			points = append(points, x+","+y)
		}
		return strings.Join(points, " ")
	}
	out := &spark{Past: line(0, len(past))}
	if len(ahead) > 0 {
		out.Ahead = line(len(past)-1, len(all)) // from the last value
	}
	out.X, out.Y = point(len(all) - 1)
	return out
}

func coordinate(v float64) string { return strconv.FormatFloat(math.Round(10*v)/10, 'f', -1, 64) }
