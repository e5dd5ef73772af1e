package job

import (
	"encoding/json"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// TestAssetsAreThoseOfTheStandardLibrary fills every field that an asset has, and compares its JSON with that of encoding/json, in
// front of which something else stands. A field that AppendJSON does not know fails it.
func TestAssetsAreThoseOfTheStandardLibrary(t *testing.T) {
	t.Parallel()
	assets := rapid.Make[Asset]()
	rapid.Check(t, func(t *rapid.T) {
		a := assets.Draw(t, "asset")
		if rapid.Bool().Draw(t, "all finite") {
			makeFinite(&a)
		}
		compareJSON(t, &a)
	})
}

// TestNumbersOfAssets compares numbers of every size, and those at which the form changes.
func TestNumbersOfAssets(t *testing.T) {
	t.Parallel()
	edges := rapid.SampledFrom([]float64{0, math.Copysign(0, -1), 1e-6, math.Nextafter(1e-6, 0), 1e-7, 1e-10, 1e21, math.Nextafter(1e21, 0), 5e-324, math.MaxFloat64, math.Inf(1), math.NaN()})
	random := rapid.Custom(func(t *rapid.T) float64 {
		return math.Ldexp(rapid.Float64Range(-1, 1).Draw(t, "mantissa"), rapid.IntRange(-1074, 1023).Draw(t, "exponent"))
	})
	rapid.Check(t, func(t *rapid.T) {
		compareJSON(t, &Asset{Mean: rapid.SliceOf(rapid.OneOf(edges, random, rapid.Float64Range(-1e6, 1e6))).Draw(t, "mean")})
	})
}

// TestAnswersAreThoseOfTheStandardLibrary fills every field of answers, likewise.
func TestAnswersAreThoseOfTheStandardLibrary(t *testing.T) {
	t.Parallel()
	answers := rapid.Make[Answer]()
	rapid.Check(t, func(t *rapid.T) {
		a := answers.Draw(t, "answer")
		a.Assets = nil
		if rapid.Bool().Draw(t, "has assets") {
			a.Assets = []Asset{{Asset: "A"}, {Asset: "B", Error: &Error{Code: "stale", Detail: "too old"}}}
		}
		var assets []byte
		if a.Assets != nil {
			assets, _ = json.Marshal(a.Assets)
		}
		want, refused := json.Marshal(a)
		got, err := a.AppendJSON(nil, assets)
		if (err != nil) != (refused != nil) {
			t.Fatalf("the error is %v, that of encoding/json %v", err, refused)
		}
		if diff := cmp.Diff(string(want), string(got)); err == nil && diff != "" {
			t.Fatalf("-encoding/json +got:\n%s", diff)
		}
		if assets == nil {
			return
		}
		before, after, err := a.AroundAssets()
		if text := string(before) + string(assets) + string(after); err == nil && text != string(got) {
			t.Fatalf("in two parts %s, want %s", text, got)
		}
	})
}

// compareJSON also reads the text with encoding/json.
func compareJSON(t *rapid.T, a *Asset) {
	want, refused := json.Marshal(a)
	got, err := a.AppendJSON([]byte("before"), nil)
	if (err != nil) != (refused != nil) {
		t.Fatalf("the error is %v, that of encoding/json %v", err, refused)
	}
	if err != nil {
		return
	}
	if diff := cmp.Diff("before"+string(want), string(got)); diff != "" {
		t.Fatalf("-encoding/json +got:\n%s", diff)
	}
	var back Asset
	if err := json.Unmarshal(got[len("before"):], &back); err != nil {
		t.Fatal(err)
	}
	if a.Mean == nil { // the values are those of a forecast
		return
	}
	values, err := a.AppendValues([]byte("before"))
	if err != nil {
		t.Fatal(err)
	}
	without := *a
	without.Mean, without.Lo, without.Hi, without.Quantiles, without.Band, without.Paths = nil, nil, nil, nil, nil, nil
	if got, err = without.AppendJSON([]byte("before"), values[len("before"):]); err != nil || string(got) != "before"+string(want) {
		t.Fatalf("with the values as text: %v\n%s, want\n%s", err, got, want)
	}
}

// makeFinite replaces the numbers that JSON does not have.
func makeFinite(a *Asset) {
	finite := func(v *float64) {
		if v != nil && *v-*v != 0 {
			*v = 0
		}
	}
	lists := append([][]float64{a.Mean}, a.Paths...)
	band := Band{}
	if a.Band != nil {
		band = *a.Band
	}
	for _, rows := range []map[string][]float64{a.Parts, a.Lo, a.Hi, a.Quantiles, band.Lo, band.Hi} {
		for _, row := range rows {
			lists = append(lists, row)
		}
	}
	for _, list := range lists {
		for i := range list {
			finite(&list[i])
		}
	}
	finite(a.Skill)
	a.Measured = nil
	for i := range a.Members {
		finite(&a.Members[i].Weight)
		finite(a.Members[i].Skill)
	}
	for name, x := range a.X {
		finite(&x.Value)
		finite(x.StdErr)
		a.X[name] = x
	}
}

func BenchmarkAsset(b *testing.B) {
	a := Asset{Asset: "M000001", Model: "auto(theta+damped+ar)", Point: PointMedian}
	a.Lo, a.Hi = map[string][]float64{"80": nil, "95": nil}, map[string][]float64{"80": nil, "95": nil}
	for k := range 12 {
		v := math.Exp(float64(k))
		a.DS, a.Mean = append(a.DS, "2024-01-01"), append(a.Mean, v)
		for _, rows := range []map[string][]float64{a.Lo, a.Hi} {
			for level := range rows {
				v *= 1.01
				rows[level] = append(rows[level], v)
			}
		}
	}
	b.Run("AppendJSON", func(b *testing.B) {
		var out []byte
		for b.Loop() {
			out, _ = a.AppendJSON(out[:0], nil)
		}
	})
	b.Run("Marshal", func(b *testing.B) {
		for b.Loop() {
			_, _ = json.Marshal(&a)
		}
	})
}
