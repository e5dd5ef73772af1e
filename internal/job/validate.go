package job

import (
	"fmt"
	"maps"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"foliocast/internal/problem"
	"foliocast/internal/series/calendar"
)

const (
	maxAssets    = 100_000
	maxHorizon   = 1000
	maxLevels    = 10
	maxQuantiles = 99
	maxTime      = 40  // characters
	maxColumn    = 200 // characters
	maxX         = 32  // columns
	maxAfter     = 100 // jobs
	maxPaths     = 10_000
	maxSeed      = 1<<53 - 1 // an integer that every reader of JSON has
)

// Models lists the names that Spec.Model takes.
func Models() []string {
	return []string{"naive", "seasonal-naive", "drift", "mean", "trend", "trend-season",
		"ar", "ar-season", "ar-diff", "harmonic", "theta", "theta-dynamic", "damped", "holt-winters",
		"level-shape", "empirical", "croston-sba", "tsb", "auto"}
}

// Freqs lists examples of the names that Spec.Freq takes: those of pandas, and of exchanges. See [calendar.Parse] for all.
func Freqs() []string {
	return []string{"s", "15min", "h", "4h", "D", "B", "B-SUN,MON,TUE,WED,THU", "W-FRI", "MS", "ME", "BME", "QE-DEC", "YE-DEC", "XNYS"}
}

var freqPattern = regexp.MustCompile(`^[A-Za-z0-9@:;,|/-]{1,200}$`)

var datasetPattern = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,63}(@[1-9][0-9]{0,8})?$`)

// DatasetName splits "name" or "name@version". Version 0 means the newest.
// It reports false when s is neither.
func DatasetName(s string) (name string, version int, ok bool) {
	if !datasetPattern.MatchString(s) {
		return "", 0, false
	}
	name, v, found := strings.Cut(s, "@")
	if found {
		version, _ = strconv.Atoi(v)
	}
	return name, version, true
}

// Validate returns every fault of the spec, each with a JSON pointer, or nil. It lists
// [problem.MaxFaults] and counts the others. Where a list is too long, it does not look
// at what is in the lists.
// It checks what does not depend on the dataset; NormalisedWeights and the
// reader of the dataset check what does. Call it on a Defaulted spec.
func (s Spec) Validate() []problem.Fault {
	var f faults
	if s.validateCounts(&f); f != nil {
		return f
	}
	if _, _, ok := DatasetName(s.Dataset); !ok {
		f.add("/dataset", "must be a name of a-z 0-9 . _ -, or name@version, is %q", s.Dataset)
	}
	s.validateAssets(&f)
	if !slices.Contains(Models(), s.Model) {
		f.add("/model", "must be one of %s, is %q", strings.Join(Models(), ", "), s.Model)
	}
	if s.Horizon < 1 || s.Horizon > maxHorizon {
		f.add("/horizon", "must be 1 to %d, is %d", maxHorizon, s.Horizon)
	}
	if s.Freq != "" {
		if _, err := calendar.Parse(s.Freq); err != nil {
			f.add("/freq", "%s", err)
		} else if !freqPattern.MatchString(s.Freq) {
			f.add("/freq", "must be the name of a frequency without blanks, is %q", s.Freq)
		}
	}
	for i, m := range s.Season {
		if m < 2 || m > 10000 {
			f.add(fmt.Sprintf("/season/%d", i), "must be 2 to 10000, is %d", m)
		}
	}
	validateLevels(&f, "levels", s.Levels)
	s.validateQuantiles(&f)
	validateLevels(&f, "risk", s.Risk)
	s.validateBands(&f)
	s.validateCovariance(&f)
	if s.Backtest() {
		s.refuseJoint(&f)
	} else {
		s.validatePaths(&f)
		s.validateScenarios(&f)
	}
	if s.Point != "" && s.Point != PointMedian && s.Point != PointMean {
		f.add("/point", "must be median or mean, is %q", s.Point)
	}
	if !s.All() {
		f.addAll(s.SizeFaults(len(s.Assets)))
	}
	if n := utf8.RuneCountInString(s.Column); n > maxColumn {
		f.add("/column", "must have at most %d characters, has %d", maxColumn, n)
	}
	validateTime(&f, "/from", s.From)
	validateTime(&f, "/to", s.To)
	validateTime(&f, "/as_of", s.AsOf)
	s.validateTreatment(&f)
	s.validateX(&f)
	s.validateCombination(&f)
	s.validateKind(&f)
	s.validateAfter(&f)
	if s.OnError != Skip && s.OnError != Fail {
		f.add("/on_error", "must be skip or fail, is %q", s.OnError)
	}
	if s.Priority < -100 || s.Priority > 100 {
		f.add("/priority", "must be -100 to 100, is %d", s.Priority)
	}
	return f
}

// validateCounts checks how long the lists are.
func (s Spec) validateCounts(f *faults) {
	for _, list := range []struct {
		field, what string
		most, count int
	}{
		{"assets", "assets", maxAssets, len(s.Assets)}, {"weights", "assets", maxAssets, len(s.Weights)},
		{"holdings", "assets", maxAssets, len(s.Holdings)}, {"currency", "assets", maxAssets, len(s.Currency)},
		{"season", "periods", maxSeasons, len(s.Season)}, {"levels", "levels", maxLevels, len(s.Levels)},
		{"quantiles", "quantiles", maxQuantiles, len(s.Quantiles)}, {"risk", "levels", maxLevels, len(s.Risk)}, {"bands", "levels", maxLevels, len(s.Bands)}, {"x", "columns", maxX, len(s.X)}, {"scenarios", "scenarios", maxScenarios, len(s.Scenarios)},
		{"models", "models", len(Models()), len(s.Models)}, {"compare", "models", 2, len(s.Compare)}, {"by", "classes", 5, len(s.By)},
		{"after", "jobs", maxAfter, len(s.After)}, {"after_any", "jobs", maxAfter, len(s.AfterAny)},
	} {
		if list.count > list.most {
			f.add("/"+list.field, "must name at most %d %s, names %d", list.most, list.what, list.count)
		}
	}
}

// CountFaults returns the faults of lists that are too long for anybody to look at what
// is in them, or nil.
func (s Spec) CountFaults() []problem.Fault {
	var f faults
	s.validateCounts(&f)
	return f
}

func (s Spec) validateAssets(f *faults) {
	if len(s.Assets) == 0 {
		f.add("/assets", "must name at least one asset, or be [\"*\"]")
	}
	seen := make(map[string]bool, len(s.Assets))
	for i, a := range s.Assets {
		switch {
		case a == "":
			f.add(fmt.Sprintf("/assets/%d", i), "must not be empty")
		case a == "*" && len(s.Assets) > 1:
			f.add(fmt.Sprintf("/assets/%d", i), "must stand alone: * means every asset")
		case seen[a]:
			f.add(fmt.Sprintf("/assets/%d", i), "names %q twice", a)
		}
		seen[a] = true
	}
	f.addAll(weightFaults(s.Weights))
	if !s.All() {
		f.addAll(unknown("/weights", maps.Keys(s.Weights), s.Assets))
	}
}

var stalePattern = regexp.MustCompile(`^(off|[0-9]{1,6}(s|min|h|H|d|D|w|W)?)$`)

// validateTreatment checks what is to be made of the values before they are forecast.
func (s Spec) validateTreatment(f *faults) {
	if s.Resample != "" && !slices.Contains([]Resample{ResampleLast, ResampleMean, ResampleSum, ResampleFirst}, s.Resample) {
		f.add("/resample", "must be last, mean, sum or first, is %q", s.Resample)
	} else if s.Resample != "" && s.Freq == "" {
		f.add("/resample", "needs freq, the frequency to resample to")
	}
	if s.Missing != "" && !slices.Contains([]Missing{MissingForward, MissingLinear, MissingDrop, MissingFail}, s.Missing) {
		f.add("/missing", "must be forward, linear, drop or fail, is %q", s.Missing)
	}
	if s.Stale != "" && !stalePattern.MatchString(s.Stale) {
		f.add("/stale", "must be a duration like 36h, 14d or 4w, a number of steps, or off, is %q", s.Stale)
	}
}

// validateX checks the columns that are known in advance.
func (s Spec) validateX(f *faults) {
	for i, name := range s.X {
		pointer := fmt.Sprintf("/x/%d", i)
		switch n := utf8.RuneCountInString(name); {
		case name == "":
			f.add(pointer, "must not be empty")
		case n > maxColumn:
			f.add(pointer, "must have at most %d characters, has %d", maxColumn, n)
		case slices.Contains(s.X[:i], name):
			f.add(pointer, "names %q twice", name)
		}
	}
	if len(s.X) > 0 && s.Resample != "" {
		f.add("/x", "cannot be resampled: leave resample out, and give the dataset the frequency of the forecast")
	}
}

// validateTime checks what does not depend on the form of the dataset's times.
func validateTime(f *faults, pointer, text string) {
	if n := utf8.RuneCountInString(text); n > maxTime {
		f.add(pointer, "must have at most %d characters, has %d", maxTime, n)
	}
}

const sumTooLarge = "must have a finite sum"

// weightFaults returns the faults of weights that do not depend on the assets.
func weightFaults(weights map[string]float64) faults {
	var f faults
	if weights == nil {
		return nil
	}
	sum := 0.0
	for _, a := range slices.Sorted(maps.Keys(weights)) {
		w := weights[a]
		if w < 0 || math.IsNaN(w) || math.IsInf(w, 0) {
			f.add("/weights/"+problem.Escape(a), "must be a number of at least 0, is %v", w)
		}
		sum += w
	}
	switch {
	case f != nil: // the sum is meaningless
	case len(weights) == 0:
		f.add("/weights", "must not be empty: leave it out for equal weights")
	case sum == 0:
		f.add("/weights", "must not all be 0")
	case math.IsInf(sum, 0):
		f.add("/weights", sumTooLarge)
	}
	return f
}

// validateLevels checks a field of levels in percent.
func validateLevels(f *faults, field string, levels []float64) {
	for i, l := range levels {
		if fault := LevelFault(l); fault != "" {
			f.add(fmt.Sprintf("/%s/%d", field, i), "%s", fault)
		} else if slices.Contains(levels[:i], l) {
			f.add(fmt.Sprintf("/%s/%d", field, i), "names %v twice", l)
		}
	}
}

func (s Spec) validateQuantiles(f *faults) {
	seen := make(map[float64]bool, len(s.Quantiles))
	for i, p := range s.Quantiles {
		if fault := QuantileFault(p); fault != "" {
			f.add(fmt.Sprintf("/quantiles/%d", i), "%s", fault)
		} else if seen[p] {
			f.add(fmt.Sprintf("/quantiles/%d", i), "names %v twice", p)
		}
		seen[p] = true
	}
}

func (s Spec) validatePaths(f *faults) {
	if s.Paths > 0 && s.BandsOver == BandsOverAssets {
		f.add("/paths", "cannot be drawn together with bands over assets, for which all answers wait: ask for them in a job of their own")
	}
	switch {
	case s.Paths < 0 || s.Paths > maxPaths:
		f.add("/paths", "must be 0 to %d, is %d", maxPaths, s.Paths)
	case s.Paths > 0 && s.Horizon >= 1 && s.Horizon <= maxHorizon && s.Paths*s.Horizon > maxPathNumbers:
		f.add("/paths", "must be at most %d for %d steps, is %d: the paths of an asset may have %d numbers", maxPathNumbers/s.Horizon, s.Horizon, s.Paths, maxPathNumbers)
	}
	switch {
	case s.Seed < 0 || s.Seed > maxSeed:
		f.add("/seed", "must be 0 to %d, is %d", maxSeed, s.Seed)
	case s.Seed > 0 && s.Paths == 0:
		f.add("/seed", "needs paths, which are drawn from it")
	}
}

// NormalisedWeights returns the weight of each asset, in the order of assets, with
// the sum 1; they are equal when weights is nil. An asset without a weight and a
// weight without an asset are faults, in addition to those of Validate.
func NormalisedWeights(weights map[string]float64, assets []string) ([]float64, []problem.Fault) {
	if weights == nil {
		w := make([]float64, len(assets))
		for i := range w {
			w[i] = 1 / float64(len(assets))
		}
		return w, nil
	}
	f := weightFaults(weights)
	if len(weights) == 0 {
		return nil, f
	}
	w := f.inOrder(weights, assets, "/weights", "weight")
	sum := orderless(w)
	if f == nil && math.IsInf(sum, 0) { // only this sum overflows
		f.add("/weights", sumTooLarge)
	}
	if f != nil {
		return nil, f
	}
	for i := range w {
		w[i] /= sum
	}
	return w, nil
}

// orderless is the sum of the values, with the same rounding in every order of them.
func orderless(values []float64) float64 {
	sum := 0.0
	for _, v := range slices.Sorted(slices.Values(values)) {
		sum += v
	}
	return sum
}

type faults []problem.Fault

// inOrder returns the number of each asset, in the order of assets. An asset without one and a number without an asset are
// faults of the field; what names the number.
func (f *faults) inOrder(numbers map[string]float64, assets []string, field, what string) []float64 {
	out, named := make([]float64, len(assets)), 0
	for i, a := range assets {
		v, ok := numbers[a]
		if !ok {
			f.add(field, "has no %s for asset %q: give it 0 to leave it out of the overall forecast", what, a)
			continue
		}
		named++
		out[i] = v
	}
	if named < len(numbers) {
		f.addAll(unknown(field, maps.Keys(numbers), assets))
	}
	return out
}

func (f *faults) addAll(more faults) {
	for _, fault := range more {
		*f = problem.Add(*f, fault)
	}
}

func (f *faults) add(pointer, format string, args ...any) {
	*f = problem.Addf(*f, pointer, format, args...)
}
