package forecasttable

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"

	"foliocast/internal/job"
)

// Parts of any asset are columns, in an order of their own; an asset without one has empty cells.
func TestParts(t *testing.T) {
	t.Parallel()
	skill, days := 0.8, []string{"2024-12-31", "2025-01-01"}
	a := job.Answer{State: job.Done, Time: job.TimeDate, Assets: []job.Asset{
		{Asset: "shop", Model: "auto", Point: job.PointMedian, DS: days, Mean: []float64{112.5, 109},
			Parts: map[string][]float64{"memory": {-1, -0.5}, "season 12": {3, -1}, "season 4": {2, -2}, "level": {100, 100}, "trend": {1, 2},
				"x promo": {8.5, 9.5}, "adjustment": {-1, 1}},
			Members: []job.Member{{Name: "theta", Weight: 0.75, Skill: &skill}, {Name: "mean", Weight: 0.25}, {Name: "ar", Dropped: "needs a season"}}},
		{Asset: "flat", Model: "naive", DS: days, Mean: []float64{7, 7}, Parts: map[string][]float64{"level": {7, 7}}},
		{Asset: "none", Error: &job.Error{Code: "empty", Detail: "it is empty"}},
	}}
	var got bytes.Buffer
	if err := WriteParts(&got, a); err != nil {
		t.Fatal(err)
	}
	want := `ASSET        DATE  MEDIAN  LEVEL  TREND  SEASON 4  SEASON 12  X PROMO  MEMORY  ADJUSTMENT
shop   2024-12-31   112.5  100.0    1.0       2.0        3.0      8.5    -1.0        -1.0
       2025-01-01   109.0  100.0    2.0      -2.0       -1.0      9.5    -0.5         1.0
flat   2024-12-31       7      7
       2025-01-01       7      7

ASSET  MEMBER  WEIGHT  SKILL  DROPPED
shop   theta    0.750  0.800
       mean     0.250
       ar                     needs a season
`
	if diff := cmp.Diff(want, got.String()); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if !Explained(a) || Explained(job.Answer{Assets: a.Assets[2:]}) {
		t.Error("an answer is explained if it has parts")
	}
}
