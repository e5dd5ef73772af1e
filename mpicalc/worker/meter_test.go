package worker_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"foliocast/mpicalc/worker"
)

// gather sums up each metric over its labels, and counts in how many it comes.
func gather(t *testing.T, metrics *prometheus.Registry) (sums map[string]float64, series map[string]int) {
	t.Helper()
	families, err := metrics.Gather()
	if err != nil {
		t.Fatal(err)
	}
	sums, series = map[string]float64{}, map[string]int{}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			sums[f.GetName()] += m.GetCounter().GetValue() + m.GetGauge().GetValue()
			series[f.GetName()]++
		}
	}
	return sums, series
}

func TestMetricsOfAWorld(t *testing.T) {
	t.Parallel()
	s := newDataService(t, 3, 60)
	metrics := prometheus.NewRegistry()
	q := newFakeQueue(t, s.task("one", nil), s.task("two", nil))
	if err := workWith(t.Context(), t, q, s, worker.Config{Drain: true, Metrics: metrics}, ranks{}); err != nil {
		t.Fatal(err)
	}
	sums, series := gather(t, metrics)
	for name, want := range map[string]float64{"foliocast_world_jobs_total": 2, "foliocast_fit_series_total": 4, "foliocast_rank_series_total": 4} {
		if sums[name] != want {
			t.Errorf("%s is %v, want %v", name, sums[name], want)
		}
	}
	for _, name := range []string{"foliocast_fit_seconds_total", "foliocast_rank_busy_seconds_total", "foliocast_rank_fit_seconds_total"} {
		if sums[name] <= 0 {
			t.Errorf("%s is %v", name, sums[name])
		}
	}
	if series["foliocast_rank_busy_seconds_total"] != 2 || series["foliocast_forecast_skill_ratio"] != 1 || sums["foliocast_forecast_skill_ratio"] <= 0 {
		t.Errorf("got %v of %v", sums, slices.Sorted(maps.Keys(series)))
	}
}

// Users may have any number of datasets: the metrics keep the latest.
func TestSkillsOfFewDatasets(t *testing.T) {
	t.Parallel()
	metrics := prometheus.NewRegistry()
	skilled := worker.Skilled(metrics)
	for i := range 200 {
		skilled(fmt.Sprint(i), 1)
		skilled("the same", 0.5)
	}
	if sums, series := gather(t, metrics); series["foliocast_forecast_skill_ratio"] != 50 || sums["foliocast_forecast_skill_ratio"] != 49.5 {
		t.Errorf("got %v, %v, want 49 datasets with 1 and one with 0.5", sums, series)
	}
}
