package job

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"
	"pgregory.net/rapid"
)

// The HTTP API checks a job by the tags of Spec before it calls Validate; mpicalc run
// calls Validate alone. Each test here checks the same JSON by both.

// byTag is the check of the HTTP API.
type byTag struct {
	registry huma.Registry
	schema   *huma.Schema
}

func newByTag() byTag {
	registry := huma.NewMapRegistry("#/components/schemas/", huma.DefaultSchemaNamer)
	return byTag{registry, registry.Schema(reflect.TypeFor[Spec](), false, "")}
}

// accepts reports whether the tags accept the body, and if not, why.
func (c byTag) accepts(body map[string]any) (bool, string) {
	text, err := json.Marshal(body)
	if err != nil {
		panic(err)
	}
	var value any
	if err := json.Unmarshal(text, &value); err != nil {
		panic(err)
	}
	var result huma.ValidateResult
	huma.Validate(c.registry, c.schema, huma.NewPathBuffer([]byte{}, 0), huma.ModeWriteToServer, value, &result)
	return len(result.Errors) == 0, fmt.Sprint(result.Errors)
}

// validates reports whether Validate accepts the body, and if not, why.
func validates(t interface{ Fatal(...any) }, body map[string]any) (bool, string) {
	text, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	var s Spec
	if err := json.Unmarshal(text, &s); err != nil {
		t.Fatal(err)
	}
	faults := s.Defaulted().Validate()
	return faults == nil, fmt.Sprint(faults)
}

// absent stands for a field that the body does not have.
type absent struct{}

// with is a valid body but for one field.
func with(field string, value any) map[string]any {
	body := map[string]any{"dataset": "prices", "assets": []string{"A"}, "horizon": 5}
	for name, companion := range companions(field, value) {
		body[name] = companion
	}
	if value == (any)(absent{}) {
		delete(body, field)
	} else {
		body[field] = value
	}
	return body
}

// companions are the fields that a field needs beside it.
func companions(field string, value any) map[string]any {
	if value == (any)(absent{}) {
		return nil
	}
	currency := map[string]string{"A": "EUR"}
	switch field {
	case "combine":
		if text, ok := value.(string); ok && text != "value" {
			return nil
		}
		if combine, ok := value.(Combine); ok && combine != Value {
			return nil
		}
		return map[string]any{"holdings": map[string]float64{"A": 1}}
	case "holdings":
		return map[string]any{"combine": "value"}
	case "currency":
		return map[string]any{"base": "USD", "rates": "fx"}
	case "base":
		return map[string]any{"currency": currency, "rates": "fx"}
	case "rates":
		return map[string]any{"currency": currency, "base": "USD"}
	case "bands_over":
		return map[string]any{"bands": []float64{90}}
	case "seed":
		if value != (any)(0) {
			return map[string]any{"paths": 1}
		}
	case "benchmark":
		if value != (any)("B") { // an asset that the job does not have
			return map[string]any{"assets": []any{"other", value}}
		}
	case "resample":
		return map[string]any{"freq": "M"}
	case "kind":
		if fmt.Sprint(value) == string(KindBacktest) {
			return map[string]any{"origins": 3}
		}
	case "origins":
		if value != (any)(0) { // the same as no origins
			return map[string]any{"kind": KindBacktest}
		}
	case "models", "compare", "by", "by_series":
		return map[string]any{"kind": KindBacktest, "origins": 3}
	}
	return nil
}

// upTo lists the integers from lo to hi.
func upTo(lo, hi int) (all []any) {
	for n := lo; n <= hi; n++ {
		all = append(all, n)
	}
	return all
}

// lengths makes a list of each length.
func lengths[T any](item func(i int) T, of ...int) (all []any) {
	for _, n := range of {
		list := make([]T, n)
		for i := range list {
			list[i] = item(i)
		}
		all = append(all, list)
	}
	return all
}

// words is every allowed name, and some that are not allowed. Validate cannot tell an
// empty one from an absent field, so there is none.
func words[T ~string](allowed ...T) (all []any) {
	for _, w := range allowed {
		all = append(all, w, w+"x", " "+w, strings.ToUpper(string(w)), strings.ToLower(string(w)), w[:len(w)-1]+"é")
	}
	return append(all, "arima", "S", "maybe", "ü")
}

// anyOf is every one of the words.
func anyOf(words ...string) (all []any) {
	for _, w := range words {
		all = append(all, w)
	}
	return all
}

// texts makes a text of each length up to hi, of characters of two bytes.
func texts(hi int) (all []any) {
	for n := range hi + 1 {
		all = append(all, strings.Repeat("é", n))
	}
	return all
}

// probes are values of each field on which the tags and Validate must say the
// same: on both sides of each bound that either has.
func probes() map[string][]any {
	season := func(i int) int { return i + 2 }
	level := func(i int) float64 { return float64(i) + 2 }
	quantile := func(i int) float64 { return float64(i+1) / 1000 }
	scenario := func(i int) Scenario {
		return Scenario{Name: strconv.Itoa(i), Shocks: map[string]float64{"A": -0.1}}
	}
	asset := func(i int) string { return "A" + strconv.Itoa(i) }
	model := func(i int) string { return Models()[i] }
	id := func(i int) ID { return ID(fmt.Sprintf("00000000-0000-7000-8000-%012d", i)) }
	class := func(i int) string { return Classes()[i%len(Classes())] }
	return map[string][]any{
		"dataset": {"a", "a@1", "a@0", "a@01", "a@", "@1", "A", "a b", "-a", "a-", "a.b_c", "é", "a\n",
			strings.Repeat("a", 64), strings.Repeat("a", 65), "a@999999999", "a@1000000000", "a@1@2"},
		"assets":     lengths(asset, 0, 1, 2, 99_999, 100_000, 100_001, 100_002),
		"column":     texts(202),
		"adjusted":   {true, false},
		"weights":    {map[string]float64{"A": 1}, map[string]float64{"A": 1e300}},
		"model":      words(Models()...),
		"horizon":    upTo(-10, 3000),
		"freq":       append(anyOf(Freqs()...), " D", "D ", "Dé", "é", "D\n", "h@09:30-15:30", "445-N-JAN-SAT", "B-SUN,MON,TUE,WED,THU|2026-01-04|B", strings.Repeat("D", 201)),
		"season":     lengths(season, 0, 1, 2, 3, 4, 5, 6, 7, 8, 50),
		"levels":     lengths(level, 0, 1, 2, 8, 9, 10, 11, 12, 13, 90),
		"quantiles":  lengths(quantile, 0, 1, 2, 98, 99, 100, 101, 500),
		"risk":       lengths(level, 0, 1, 2, 8, 9, 10, 11, 12, 13, 90),
		"bands":      lengths(level, 0, 1, 2, 8, 9, 10, 11, 12, 13, 90),
		"bands_over": words(BandsOverHorizon, BandsOverAssets),
		"covariance": words(CovarianceAuto, ConstantCorrelation, QuadraticInverse),
		"paths":      append(upTo(-10, 20), upTo(9990, 10_010)...),
		"seed":       append(upTo(-10, 10), 1<<53-2, 1<<53-1, 1<<53),
		"scenarios":  lengths(scenario, 0, 1, 2, 19, 20, 21, 22, 100),
		"benchmark":  {"A", "é"},
		"point":      words(PointMedian, PointMean),
		"integers":   {true, false},
		"explain":    {true, false},
		"from":       texts(100),
		"to":         texts(100),
		"combine":    words(Mean, Value, Return),
		"holdings":   {map[string]float64{"A": 1}, map[string]float64{"A": -1e300}},
		"currency":   {map[string]string{"A": "EUR"}, map[string]string{"A": "USD"}},
		"base":       {"U", "USD", "usd", "GBp", "U$", "US D", "É1", "USD\n", strings.Repeat("A", 12), strings.Repeat("A", 13)},
		"rates":      {"a", "a@1", "a@0", "A", "@1", "a b", strings.Repeat("a", 64), strings.Repeat("a", 65)},
		"as_of":      texts(100),
		"resample":   words(ResampleLast, ResampleMean, ResampleSum, ResampleFirst),
		"missing":    words(MissingForward, MissingLinear, MissingDrop, MissingFail),
		"x":          lengths(asset, 0, 1, 2, 31, 32, 33, 34),
		"stale":      {"off", "Off", "0", "5", "05", "-1", "14d", "14D", "36h", "90min", "1s", "4w", "4 w", "1.5d", "1M", "999999w", "1000000", "d", "5\n"},
		"on_error":   words(Skip, Fail),
		"kind":       words(KindForecast, KindBacktest),
		"origins":    upTo(-10, 1100),
		"models":     lengths(model, 0, 1, 2, len(Models())),
		"compare":    lengths(model, 0, 1, 2, 3, 4),
		"by":         lengths(class, 0, 1, 2, 4, 5, 6, 7, 100),
		"by_series":  {true, false},
		"priority":   upTo(-400, 400),
		"after":      lengths(id, 0, 1, 2, 99, 100, 101, 102),
		"after_any":  lengths(id, 0, 1, 2, 99, 100, 101, 102),
		// Other texts are no times: the decoder refuses them, not Validate.
		"not_before": {"2020-01-01T00:00:00Z", "2030-01-31T18:00:00.123456789+01:00", "9999-12-31T23:59:59Z"},
	}
}

// bounds are values at, just below and just above each bound in a tag of the field, whichever tag has it.
func bounds(t *testing.T, f reflect.StructField) (all []any) {
	t.Helper()
	for _, key := range []string{"minimum", "maximum", "minItems", "maxItems", "minLength", "maxLength"} {
		text, ok := f.Tag.Lookup(key)
		if !ok {
			continue
		}
		n, err := strconv.Atoi(text)
		if err != nil {
			t.Fatalf("%s has %s:%q: %v", f.Name, key, text, err)
		}
		for _, n := range []int{n - 1, n, n + 1} {
			switch {
			case f.Type.Kind() == reflect.Int:
				all = append(all, n)
			case n < 0:
			case f.Type.Kind() == reflect.String:
				all = append(all, strings.Repeat("x", n))
			case f.Name == "Models" || f.Name == "Compare":
				all = append(all, lengths(func(i int) string { return Models()[i] }, n)...)
			case f.Type == reflect.TypeFor[[]ID]():
				all = append(all, lengths(func(i int) ID { return ID(fmt.Sprintf("00000000-0000-7000-8000-%012d", i)) }, n)...)
			case f.Name == "Scenarios":
				all = append(all, lengths(func(i int) Scenario {
					return Scenario{Name: strconv.Itoa(i), Shocks: map[string]float64{"A": 1}}
				}, n)...)
			case f.Name == "By":
				all = append(all, lengths(func(int) string { return "length" }, n)...)
			case f.Type.Elem().Kind() == reflect.String:
				all = append(all, lengths(strconv.Itoa, n)...)
			case f.Type.Elem().Kind() == reflect.Int:
				all = append(all, lengths(func(i int) int { return i + 2 }, n)...)
			case f.Name == "Quantiles":
				all = append(all, lengths(func(i int) float64 { return float64(i+1) / 1000 }, n)...)
			default:
				all = append(all, lengths(func(i int) float64 { return float64(i) + 1.5 }, n)...)
			}
		}
	}
	if enum, ok := f.Tag.Lookup("enum"); ok {
		all = append(all, words(strings.Split(enum, ",")...)...)
	}
	return all
}

func TestTagsAndValidateAgreeOnEveryField(t *testing.T) {
	t.Parallel()
	tags, all := newByTag(), probes()
	for f := range reflect.TypeFor[Spec]().Fields() {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		values := all[name]
		if len(values) < 2 {
			t.Errorf("the field %s has no probes: add values on both sides of each of its bounds", name)
		}
		for _, value := range slices.Concat([]any{absent{}}, values, bounds(t, f)) {
			body := with(name, value)
			byTags, tagFaults := tags.accepts(body)
			byRules, ruleFaults := validates(t, body)
			if byTags != byRules {
				t.Errorf("%s = %.60s: the tags say %v %.200s, Validate says %v %.200s", name, fmt.Sprint(value), byTags, tagFaults, byRules, ruleFaults)
			}
		}
	}
}

// Names of datasets, and texts that are almost one.
func TestTagsAndValidateAgreeOnDatasetNames(t *testing.T) {
	t.Parallel()
	tags := newByTag()
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.OneOf(
			rapid.StringMatching(`[a-zA-Z0-9._@-]{0,80}`),
			rapid.StringMatching(`[a-z0-9][a-z0-9._-]{60,66}(@[0-9]{0,11})?`),
			rapid.String(),
		).Draw(t, "name")
		body := with("dataset", name)
		byTags, _ := tags.accepts(body)
		if byRules, faults := validates(t, body); byTags != byRules {
			t.Errorf("%q: the tags say %v, Validate says %v %s", name, byTags, byRules, faults)
		}
	})
}

// Some rules have no tag: those of single items, since a long list of wrong items would
// become as many errors of the HTTP API, and those that no tag can express.
func TestRulesWithoutATag(t *testing.T) {
	t.Parallel()
	tags := newByTag()
	for _, c := range []struct {
		field string
		value any
		valid bool
	}{
		{"after", []string{"00000000-0000-7000-8000-00000000000A"}, true},
		{"after", []string{"00000000-0000-7000-8000-00000000000"}, false},
		{"after", []string{"00000000-0000-7000-8000-000000000001", "00000000-0000-7000-8000-000000000001"}, false},
		{"after_any", []string{"#1"}, false},
		{"season", []int{2, 10_000}, true},
		{"season", []int{1}, false},
		{"season", []int{10_001}, false},
		{"models", []string{"auto", "theta"}, true},
		{"models", []string{"auto", "magic"}, false},
		{"models", []string{"auto", "auto"}, false},
		{"compare", []string{"auto", "auto"}, false},
		{"compare", []string{"auto", "magic"}, false},
		{"by", []string{"size"}, false},
		{"levels", []float64{1.001, 99.999}, true},
		{"levels", []float64{1}, false},
		{"levels", []float64{100}, false},
		{"levels", []float64{80, 80}, false},
		{"quantiles", []float64{5e-324, 0.9, 0.1, 0.9999999999999999}, true},
		{"quantiles", []float64{0}, false},
		{"quantiles", []float64{1}, false},
		{"quantiles", []float64{-0.5}, false},
		{"quantiles", []float64{0.1, 0.5, 0.1}, false},
		{"risk", []float64{99, 95}, true},
		{"risk", []float64{0.95}, false},
		{"risk", []float64{95, 95}, false},
		{"bands", []float64{90, 50}, true},
		{"bands", []float64{0.9}, false},
		{"bands", []float64{90, 90}, false},
		{"scenarios", []Scenario{{"crash", map[string]float64{"A": -1000}}, {"Crash", map[string]float64{"A": 0}}}, true},
		{"scenarios", []Scenario{{"", map[string]float64{"A": -0.1}}}, false},
		{"scenarios", []Scenario{{strings.Repeat("é", 65), map[string]float64{"A": -0.1}}}, false},
		{"scenarios", []Scenario{{"crash", map[string]float64{"A": 1}}, {"crash", map[string]float64{"A": 2}}}, false},
		{"scenarios", []Scenario{{"crash", map[string]float64{}}}, false},
		{"scenarios", []Scenario{{"crash", map[string]float64{"A": 1001}}}, false},
		{"scenarios", []Scenario{{"crash", map[string]float64{"B": 1}}}, false},
		{"benchmark", "B", false},
		{"assets", []string{"*"}, true},
		{"assets", []string{""}, false},
		{"assets", []string{"A", "A"}, false},
		{"assets", []string{"A", "*"}, false},
		{"x", []string{"promo", "Promo"}, true},
		{"x", []string{"promo", "promo"}, false},
		{"x", []string{""}, false},
		{"x", []string{strings.Repeat("é", 200)}, true},
		{"x", []string{strings.Repeat("é", 201)}, false},
		{"weights", map[string]float64{"A": 0}, false},
		{"weights", map[string]float64{}, false},
		{"weights", map[string]float64{"A": -1}, false},
		{"weights", map[string]float64{"A": 1, "B": 1}, false},
		{"holdings", map[string]float64{"A": -1.5}, true},
		{"holdings", map[string]float64{"A": 0}, false},
		{"holdings", map[string]float64{}, false},
		{"holdings", map[string]float64{"B": 1}, false},
		{"currency", map[string]string{"A": "GBp"}, true},
		{"currency", map[string]string{"A": "E"}, false},
		{"currency", map[string]string{"A": "€€€"}, false},
		{"currency", map[string]string{"B": "EUR"}, false},
		{"currency", map[string]string{}, false},
	} {
		body := with(c.field, c.value)
		if ok, faults := tags.accepts(body); !ok {
			t.Errorf("%s = %v: the tags refuse it: %s; move the case to the probes", c.field, c.value, faults)
		}
		if got, faults := validates(t, body); got != c.valid {
			t.Errorf("%s = %v: Validate says %v %s, want %v", c.field, c.value, got, faults, c.valid)
		}
	}
}
