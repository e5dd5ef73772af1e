package portfolio_test

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"foliocast/internal/job"
	"foliocast/internal/series"
	"foliocast/internal/series/csv"
	"foliocast/mpicalc/portfolio"
)

// promoted are days of assets whose values are level + 10·promo, with a promotion on some days; promo goes on for 10 days
// after the values of the asset that ends last. levels is the level of each asset by name, ends how many days before the others
// one ends.
func promoted(t *testing.T, levels, ends map[string]int) (values *series.Table, promo portfolio.Column) {
	t.Helper()
	text := func(value func(asset string, day int) string) *series.Table {
		var b strings.Builder
		b.WriteString("unique_id,ds,y\n")
		for _, asset := range []string{"A", "B"} {
			if levels[asset] == 0 {
				continue
			}
			for day := range 70 {
				fmt.Fprintf(&b, "%s,%s,%s\n", asset, dayOf2024(day), value(asset, day))
			}
		}
		table, _, err := csv.Read([]byte(b.String()), series.Options{})
		if err != nil {
			t.Fatal(err)
		}
		return table
	}
	values = text(func(asset string, day int) string {
		if day >= 60-ends[asset] {
			return ""
		}
		return fmt.Sprint(levels[asset] + 10*onPromotion(day))
	})
	return values, portfolio.Column{Name: "promo", Table: text(func(_ string, day int) string { return fmt.Sprint(onPromotion(day)) })}
}

func dayOf2024(day int) string {
	return time.Date(2024, 1, 1+day, 0, 0, 0, 0, time.UTC).Format(time.DateOnly)
}

func onPromotion(day int) int {
	if day*day%11 < 4 {
		return 1
	}
	return 0
}

func withPromo(horizon int, change func(*job.Spec)) job.Spec {
	return spec(func(s *job.Spec) {
		s.Assets, s.Model, s.Horizon, s.X, s.Season = []string{"*"}, "naive", horizon, []string{"promo"}, nil
		if change != nil {
			change(s)
		}
	})
}

func TestForecastFollowsAColumn(t *testing.T) {
	t.Parallel()
	values, promo := promoted(t, map[string]int{"A": 100, "B": 50}, map[string]int{"B": 3})
	for _, ranks := range []int{1, 3} {
		answer, err := computeOn(t, ranks, withPromo(7, nil), portfolio.Data{Table: values, X: []portfolio.Column{promo}})
		if err != nil {
			t.Fatal(err)
		}
		for k, got := range answer.Overall.Mean {
			if want := 75 + 10*float64(onPromotion(60+k)); math.Abs(got-want) > 1e-6 {
				t.Errorf("step %d of the portfolio is %v, want %v", k+1, got, want)
			}
		}
		for _, a := range answer.Assets {
			if e := a.X["promo"]; math.Abs(e.Value-10) > 1e-6 || e.StdErr == nil {
				t.Errorf("%s: the effect is %+v, want 10", a.Asset, e)
			}
		}
		if b := answer.Assets[1]; math.Abs(b.Mean[0]-50-10*float64(onPromotion(57))) > 1e-6 {
			t.Errorf("the first step of B is %v", b.Mean[0])
		}
	}
}

// What a column says of later times is known at any time.
func TestAColumnIsKnownAsOfAnyTime(t *testing.T) {
	t.Parallel()
	values, promo := promoted(t, map[string]int{"A": 100}, nil)
	answer, err := computeOn(t, 1, withPromo(20, func(s *job.Spec) { s.AsOf = "2024-02-09" }), portfolio.Data{Table: values, X: []portfolio.Column{promo}})
	if err != nil {
		t.Fatal(err)
	}
	for k, got := range answer.Assets[0].Mean {
		if want := 100 + 10*float64(onPromotion(40+k)); math.Abs(got-want) > 1e-6 {
			t.Errorf("step %d is %v, want %v", k+1, got, want)
		}
	}
}

func TestAColumnThatDoesNotChangeIsRemarkedOn(t *testing.T) {
	t.Parallel()
	values, promo := promoted(t, map[string]int{"A": 100}, nil)
	constant, _, err := csv.Read([]byte("unique_id,ds,y\nA,2024-01-01,1\nA,2024-01-02,1\nA,2024-01-03,1\nA,2024-01-04,1\n"), series.Options{})
	if err != nil {
		t.Fatal(err)
	}
	s := withPromo(1, func(s *job.Spec) { s.X, s.To = []string{"promo", "price"}, "2024-01-03" })
	answer, err := computeOn(t, 1, s, portfolio.Data{Table: values, X: []portfolio.Column{promo, {Name: "price", Table: constant}}})
	if err != nil {
		t.Fatal(err)
	}
	a := answer.Assets[0]
	if e, ok := a.X["price"]; !ok || e.Value != 0 || e.StdErr != nil || !strings.Contains(a.Note, `no effect can be estimated of "promo", "price"`) {
		t.Errorf("the effects are %+v and the note %q", a.X, a.Note)
	}
}

func TestColumnsWithoutTheValuesThatAJobNeeds(t *testing.T) {
	t.Parallel()
	both, end := map[string]int{"A": 100, "B": 50}, map[string]int{"B": 3}
	values, promo := promoted(t, both, end)
	for _, c := range []struct {
		name, from, to string // the days that the column has
		want           string
	}{
		{"only later", "2024-03-01", "", `column "promo" has no value for asset "A" at 2024-01-01; it lacks values for 1 more asset`},
		{"beyond its end", "", "2024-03-05", `column "promo" has no value for asset "A" at 2024-03-06, but only to 2024-03-05: the forecast needs its future values, and this is that of step 6`},
	} {
		x, err := promo.Table.Window(c.from, c.to)
		if err != nil {
			t.Fatal(err)
		}
		_, err = computeOn(t, 1, withPromo(7, nil), portfolio.Data{Table: values, X: []portfolio.Column{{Name: "promo", Table: x}}})
		if err == nil || err.Error() != c.want {
			t.Errorf("%s: the error is %v, want %s", c.name, err, c.want)
		}
	}
	// To its own end B needs days 57 to 63, and to the common dates days up to 66.
	onlyB := portfolio.Column{Name: "promo", Table: cut(t, "B", 65)}
	answer, err := computeOn(t, 1, withPromo(7, nil), portfolio.Data{Table: values, X: []portfolio.Column{onlyB}})
	if err != nil {
		t.Fatal(err)
	}
	want := `column "promo" has no value for asset "B" at 2024-03-06`
	if answer.Overall != nil || answer.Error == nil || !strings.Contains(answer.Error.Detail, want) || answer.Assets[1].Error != nil {
		t.Errorf("the overall forecast is %+v and its error %+v, want %s", answer.Overall, answer.Error, want)
	}
	weighted := withPromo(7, func(s *job.Spec) { s.Weights = map[string]float64{"A": 1, "B": 1} })
	if _, err := computeOn(t, 1, weighted, portfolio.Data{Table: values, X: []portfolio.Column{onlyB}}); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("with weights the error is %v, want %s", err, want)
	}
}

// cut is the column promo, which for one asset ends before a day.
func cut(t *testing.T, asset string, end int) *series.Table {
	t.Helper()
	var b strings.Builder
	b.WriteString("unique_id,ds,y\n")
	for _, a := range []string{"A", "B"} {
		for day := range 70 {
			if a != asset || day < end {
				fmt.Fprintf(&b, "%s,%s,%d\n", a, dayOf2024(day), onPromotion(day))
			}
		}
	}
	table, _, err := csv.Read([]byte(b.String()), series.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return table
}
