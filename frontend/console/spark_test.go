package console

import (
	"math"
	"regexp"
	"strings"
	"testing"

	"foliocast/frontend/client"
)

// The smallest value is at the bottom and the largest at the top, and the forecast begins at the last value: by hand, of a picture
// of 120 × 28 with a margin of 3.
func TestSparks(t *testing.T) {
	t.Parallel()
	got := forecastSpark(client.Sketch{Every: 1, Y: []float64{1, 3}, Mean: []float64{2}})
	if want := (spark{Past: "3,25 60,3", Ahead: "60,3 117,14", X: "117", Y: "14", Label: "Last value: 3; forecast: 2"}); *got != want {
		t.Errorf("got %+v, want %+v", *got, want)
	}
	got = pastSpark([]float64{5, 5, 5})
	if want := (spark{Past: "3,14 60,14 117,14", X: "117", Y: "14", Label: "Last values: 5, between 5 and 5"}); *got != want {
		t.Errorf("got %+v, want %+v", *got, want)
	}
	if forecastSpark(client.Sketch{Y: []float64{1}}) != nil || pastSpark(nil) != nil {
		t.Error("there is a picture of nothing")
	}
	for _, values := range [][]float64{{1}, {-math.MaxFloat64, math.MaxFloat64}, {math.SmallestNonzeroFloat64, 0}, {1e-300, 2e-300, 1e300}} {
		for _, s := range []*spark{pastSpark(values), forecastSpark(client.Sketch{Mean: values}), forecastSpark(client.Sketch{Y: values, Mean: values})} {
			if !regexp.MustCompile(`^([0-9.]+,[0-9.]+ ?)*$`).MatchString(strings.TrimSpace(s.Past + " " + s.Ahead)) {
				t.Errorf("%v is drawn as %+v", values, *s)
			}
		}
	}
}
