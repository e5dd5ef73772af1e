package portfolio_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"foliocast/internal/job"
	"foliocast/internal/series"
	"foliocast/internal/series/csv"
	"foliocast/mpicalc/portfolio"
)

func read(t testing.TB, text string) *series.Table {
	t.Helper()
	table, _, err := csv.Read([]byte(text), series.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return table
}

// The forms of the times are those of the files; the calendar says which come next.
func TestAnAnswerHasTheTimesOfItsSteps(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		text string
		freq string
		kind job.TimeKind
		want []string
	}{
		"steps":          {"step,A\n-3,1\n-2,2\n-1,3\n", "", job.TimeStep, []string{"0", "1"}},
		"steps of ten":   {"step,A\n10,1\n20,2\n30,3\n", "", job.TimeStep, []string{"40", "50"}},
		"ends of months": {"date,A\n2023-10-31,1\n2023-11-30,2\n2023-12-31,3\n", "", job.TimeDate, []string{"2024-01-31", "2024-02-29"}},
		// 5 January 2024 was a Friday.
		"business days":            {"date,A\n2024-01-03,1\n2024-01-04,2\n2024-01-05,3\n", "", job.TimeDate, []string{"2024-01-08", "2024-01-09"}},
		"the frequency of the job": {"date,A\n2024-01-03,1\n2024-01-04,2\n2024-01-05,3\n", "D", job.TimeDate, []string{"2024-01-06", "2024-01-07"}},
		"local times":              {"time,A\n2024-12-31 21:00:00,1\n2024-12-31 22:00:00,2\n2024-12-31 23:00:00,3\n", "", job.TimeDatetime, []string{"2025-01-01 00:00:00", "2025-01-01 01:00:00"}},
		"instants":                 {"time,A\n2024-12-31T21:00:00Z,1\n2024-12-31T22:00:00Z,2\n2024-12-31T23:00:00Z,3\n", "", job.TimeInstant, []string{"2025-01-01T00:00:00Z", "2025-01-01T01:00:00Z"}},
	} {
		answer, err := compute(t, spec(func(s *job.Spec) { s.Assets, s.Model, s.Freq = []string{"A"}, "naive", c.freq }), read(t, c.text))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if answer.Time != c.kind {
			t.Errorf("%s: the kind is %s, want %s", name, answer.Time, c.kind)
		}
		if diff := cmp.Diff(answer.Assets[0].DS, c.want); diff != "" {
			t.Errorf("%s: the asset (-got +want)\n%s", name, diff)
		}
		if diff := cmp.Diff(answer.Overall.DS, c.want); diff != "" {
			t.Errorf("%s: overall (-got +want)\n%s", name, diff)
		}
	}
}

// LATE ends a day after the others.
const late = "date,A,B,LATE\n2024-01-05,1,1,1\n2024-01-06,2,2,2\n2024-01-07,3,3,3\n2024-01-08,,,4\n"

func TestThePortfolioBeginsAfterTheNewestValueThatCounts(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		assets  []string
		weights map[string]float64
		want    []string
	}{
		"they end together":                {[]string{"A", "B"}, nil, []string{"2024-01-08", "2024-01-09"}},
		"one ends later":                   {[]string{"A", "LATE", "B"}, nil, []string{"2024-01-09", "2024-01-10"}},
		"one without weight ends later":    {[]string{"LATE", "A", "B"}, map[string]float64{"A": 1, "B": 1, "LATE": 0}, []string{"2024-01-08", "2024-01-09"}},
		"only the one that ends later has": {[]string{"A", "LATE", "B"}, map[string]float64{"A": 0, "B": 0, "LATE": 1}, []string{"2024-01-09", "2024-01-10"}},
	} {
		answer, err := compute(t, spec(func(s *job.Spec) { s.Assets, s.Weights, s.Model = c.assets, c.weights, "naive" }), read(t, late))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if diff := cmp.Diff(answer.Overall.DS, c.want); diff != "" {
			t.Errorf("%s: overall (-got +want)\n%s", name, diff)
		}
		for _, a := range answer.Assets {
			want := []string{"2024-01-08", "2024-01-09"}
			if a.Asset == "LATE" {
				want = []string{"2024-01-09", "2024-01-10"}
			}
			if diff := cmp.Diff(a.DS, want); diff != "" {
				t.Errorf("%s: %s (-got +want)\n%s", name, a.Asset, diff)
			}
		}
	}
}

// In a long file each asset may count its steps from its own beginning.
func TestAssetsThatEndAtManyTimes(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString("unique_id,ds,y\n")
	var want []string
	for i := range 200 {
		name, end := "S"+strings.Repeat("x", i), 3+7*i
		for k := range 3 {
			b.WriteString(name + "," + strconv.Itoa(end-2+k) + ",1\n")
		}
		want = append(want, fmt.Sprint(end+1, end+2))
	}
	answer, err := compute(t, spec(func(s *job.Spec) { s.Assets, s.Model = []string{"*"}, "naive" }), read(t, b.String()))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, a := range answer.Assets {
		got = append(got, strings.Join(a.DS, " "))
	}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("(-got +want)\n%s", diff)
	}
}

// Without sharing, an answer for many assets would hold as many copies of the same times.
func TestAssetsThatEndTogetherShareTheirTimes(t *testing.T) {
	t.Parallel()
	plan, err := portfolio.New(spec(func(s *job.Spec) { s.Assets = []string{"A", "LATE", "B"} }), portfolio.Data{Table: read(t, late)}, nil)
	if err != nil {
		t.Fatal(err)
	}
	a, lateTimes, b := plan.Times(0), plan.Times(1), plan.Times(2)
	if &a[0] != &b[0] {
		t.Error("two assets that end together have times of their own")
	}
	if &a[0] == &lateTimes[0] {
		t.Error("an asset that ends later has the times of the others")
	}
}
