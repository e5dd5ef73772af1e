package csv

import (
	"math"
	"strconv"
	"testing"

	"pgregory.net/rapid"
)

func TestParseValueWords(t *testing.T) {
	t.Parallel()
	nan, inf := math.NaN(), math.Inf(1)
	good := map[string]float64{"": nan, " ": nan, "NA": nan, "n/a": nan, "NaN": nan, "nan": nan, "NULL": nan, "None": nan, "-": nan, "--": nan, ".": nan, "?": nan, "#N/A": nan, "<NA>": nan,
		"inf": inf, "+Inf": inf, "-Infinity": -inf, "1e999": inf, "-1e999": -inf, " 1.5 ": 1.5, "+2": 2, "-.5": -.5, "5.": 5,
		"0.1": 0.1, "1E3": 1000, "1e-400": 0, "100.95999999999999": 100.95999999999999}
	for text, want := range good {
		got, ok := parseValue([]byte(text))
		if !ok || got != want && !(math.IsNaN(got) && math.IsNaN(want)) {
			t.Errorf("%q: got %v, %t, want %v", text, got, ok, want)
		}
	}
	for _, text := range []string{"x", "+", "-.", "..", "---", "1,5", "1 2", "0x10", "1_000", "1e", "--1", "1.2.3", "½", "infinite", "1e5x"} {
		if got, ok := parseValue([]byte(text)); ok {
			t.Errorf("%q: got %v, want a refusal", text, got)
		}
	}
}

func TestParseValueEqualsParseFloat(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(
			rapid.StringMatching(`[+-]?[0-9]{1,18}(\.[0-9]{0,18})?`),
			rapid.StringMatching(`-?[0-9]{0,3}\.[0-9]{1,4}e-?[0-9]{1,3}`),
			rapid.Map(rapid.Float64(), func(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }),
		).Draw(t, "text")
		want, err := strconv.ParseFloat(text, 64)
		if math.IsNaN(want) {
			return // a missing value
		}
		got, ok := parseValue([]byte(text))
		if !ok || got != want {
			t.Errorf("%q: got %v, %t, want %v, %v", text, got, ok, want, err)
		}
	})
}
