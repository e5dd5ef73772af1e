package forecasttable

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"foliocast/internal/job"
)

func written(t *testing.T, a job.Answer) string {
	t.Helper()
	var got bytes.Buffer
	if err := WriteText(&got, a); err != nil {
		t.Fatal(err)
	}
	return got.String()
}

func TestText(t *testing.T) {
	t.Parallel()
	skill, days := 0.9714, []string{"2024-12-31", "2025-01-01"}
	got := written(t, job.Answer{
		State: job.Partial, Time: job.TimeDate,
		Overall: &job.Forecast{DS: days, Mean: []float64{1010.5, 1011}, Lo: map[string][]float64{"80": {990, 985}, "99.5": {900, 890}},
			Hi: map[string][]float64{"80": {1030, 1035}, "99.5": {1100, 1120}}},
		Assets: []job.Asset{
			{Asset: "DAX", Model: "auto", Skill: &skill, DS: days, Mean: []float64{5473.965, 5480.02},
				Lo: map[string][]float64{"80": {5400, 5395.5}, "99.5": {5300.123, 5290}},
				Hi: map[string][]float64{"80": {5500, 5520}, "99.5": {5600, 5700}}},
			{Asset: "中文", Model: "naive", Fallback: "too short for ar: naive was used", DS: days, Mean: []float64{1, 2}},
			{Asset: "OLD", Error: &job.Error{Code: "stale", Detail: "it ends 90 days before the others"}},
		},
	})
	// The narrowest interval of DAX is 100 wide: three digits of its half are 50.0.
	want := `ASSET    MODEL  SKILL        DATE    MEAN   LO-80   HI-80  LO-99.5  HI-99.5
DAX      auto   0.971  2024-12-31  5474.0  5400.0  5500.0   5300.1   5600.0
                       2025-01-01  5480.0  5395.5  5520.0   5290.0   5700.0
中文     naive         2024-12-31       1
                       2025-01-01       2
overall                2024-12-31  1010.5   990.0  1030.0    900.0   1100.0
                       2025-01-01  1011.0   985.0  1035.0    890.0   1120.0
中文: too short for ar: naive was used
OLD has no forecast: it ends 90 days before the others
`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// Quantiles follow the intervals, the lowest first, as numbers and not as text.
func TestTextOfQuantiles(t *testing.T) {
	t.Parallel()
	days := []string{"2024-12-31"}
	got := written(t, job.Answer{
		State: job.Done, Time: job.TimeDate,
		Overall: &job.Forecast{DS: days, Mean: []float64{7}, Quantiles: map[string][]float64{"0.9": {9}, "1e-05": {-3}}},
		Assets: []job.Asset{
			{Asset: "A", Model: "ar", DS: days, Mean: []float64{7}, Lo: map[string][]float64{"80": {4}}, Hi: map[string][]float64{"80": {12}},
				Quantiles: map[string][]float64{"0.9": {12}, "0.25": {6}, "1e-05": {1}}},
			{Asset: "B", Model: "naive", Note: "one value is not enough for intervals", DS: days, Mean: []float64{7}},
		},
	})
	want := `ASSET    MODEL  SKILL        DATE  MEAN  LO-80  HI-80  Q-1e-05  Q-0.25  Q-0.9
A        ar            2024-12-31  7.00   4.00  12.00     1.00    6.00  12.00
B        naive         2024-12-31     7
overall                2024-12-31  7.00                  -3.00           9.00
B: one value is not enough for intervals
`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// The column of point forecasts is named for what they are.
func TestTextNamesThePoint(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		a, b, overall job.Point
		want          string
	}{
		"means":             {job.PointMean, job.PointMean, job.PointMean, "MEAN"},
		"medians":           {job.PointMedian, job.PointMedian, job.PointMedian, "MEDIAN"},
		"both":              {job.PointMedian, job.PointMean, "", "POINT"},
		"medians of counts": {job.PointMedian, job.PointMedian, job.PointMean, "POINT"},
		"an old answer":     {"", "", "", "MEAN"},
	} {
		got := written(t, job.Answer{State: job.Done, Overall: &job.Forecast{Point: c.overall, Mean: []float64{1}},
			Assets: []job.Asset{{Asset: "A", Point: c.a, Mean: []float64{1}}, {Asset: "B", Point: c.b, Mean: []float64{1}}}})
		header, _, _ := strings.Cut(got, "\n")
		if !strings.HasSuffix(header, "  "+c.want) {
			t.Errorf("%s: the header is %q, want %s", name, header, c.want)
		}
	}
}

func TestTextOfAPortfolioWithoutCommonTimes(t *testing.T) {
	t.Parallel()
	got := written(t, job.Answer{
		State: job.Done, Time: job.TimeInstant,
		Overall: &job.Forecast{Mean: []float64{1.5}},
		Assets: []job.Asset{
			{Asset: "A", Model: "naive", DS: []string{"2024-12-31T23:00:00Z"}, Mean: []float64{1}},
			{Asset: "B", Model: "naive", DS: []string{"2025-01-01T00:00:00Z"}, Mean: []float64{2}},
		},
	})
	want := `ASSET    MODEL  SKILL                  TIME  MEAN
A        naive         2024-12-31T23:00:00Z     1
B        naive         2025-01-01T00:00:00Z     2
overall                              step 1   1.5
The assets end at different times: overall combines them step by step.
`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestTextOfWhatElseThereIsToKnow(t *testing.T) {
	t.Parallel()
	day := []string{"2024-01-02"}
	a := job.Answer{
		State: job.Done, Time: job.TimeDate,
		Overall: &job.Forecast{DS: day, Mean: []float64{2}, Notes: []string{"one EUR is 1.25 USD, the rate of 2024-01-01, held for all steps"}},
		Assets:  []job.Asset{{Asset: "A", Model: "naive", Note: "one value is not enough for an interval", DS: day, Mean: []float64{1}}},
	}
	want := `ASSET    MODEL  SKILL        DATE  MEAN
A        naive         2024-01-02     1
overall                2024-01-02     2
A: one value is not enough for an interval
overall: one EUR is 1.25 USD, the rate of 2024-01-01, held for all steps
`
	if diff := cmp.Diff(want, written(t, a)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	a.Overall, a.Error = nil, &job.Error{Code: "mixed-frequencies", Detail: "there is no overall forecast: the assets have different frequencies"}
	want = `ASSET  MODEL  SKILL        DATE  MEAN
A      naive         2024-01-02     1
A: one value is not enough for an interval
The portfolio has no forecast: the assets have different frequencies
`
	if diff := cmp.Diff(want, written(t, a)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestTextOfEffects(t *testing.T) {
	t.Parallel()
	e := 0.17117
	a := job.Answer{State: job.Done, Time: job.TimeStep, Assets: []job.Asset{{Asset: "A", Model: "naive", DS: []string{"2"}, Mean: []float64{1},
		X: map[string]job.Effect{"promo": {Value: 8.15845, StdErr: &e}, "price": {}}}}}
	want := `ASSET  MODEL  SKILL  STEP  MEAN
A      naive            2     1
A: price adds nothing that can be estimated, promo adds 8.16 (standard error 0.17)
`
	if diff := cmp.Diff(want, written(t, a)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	for range maxEffects {
		a.Assets = append(a.Assets, a.Assets[0])
	}
	if text := written(t, a); strings.Contains(text, "adds") {
		t.Errorf("the text of %d assets has effects:\n%s", len(a.Assets), text)
	}
}

// Answers that were stored by earlier versions have no times.
func TestTextOfAnOldAnswer(t *testing.T) {
	t.Parallel()
	got := written(t, job.Answer{
		State: job.Done, Overall: &job.Forecast{Mean: []float64{3, 4}},
		Assets: []job.Asset{{Asset: "A", Model: "naive", Mean: []float64{3, 4}}},
	})
	want := `ASSET    MODEL  SKILL  STEP  MEAN
A        naive            1     3
                          2     4
overall                   1     3
                          2     4
`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestTextWithoutForecast(t *testing.T) {
	t.Parallel()
	for state, want := range map[job.State]string{
		job.Failed:  "The job has no forecast: the range holds no data\n",
		job.Partial: "The portfolio has no forecast: the range holds no data\n",
	} {
		if got := written(t, job.Answer{State: state, Error: &job.Error{Code: "no-data", Detail: "the range holds no data"}}); got != want {
			t.Errorf("%s: got %q, want %q", state, got, want)
		}
	}
}
