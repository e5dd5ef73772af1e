package worker

import (
	"math"
	"slices"
	"strconv"
	"sync"

	"github.com/prometheus/client_golang/prometheus"

	"foliocast/internal/job"
	"foliocast/mpicalc/spmd"
)

// maxDatasets is how many datasets have a skill among the metrics: those of the latest forecasts.
const maxDatasets = 50

// meter keeps the metrics of a worker. Its zero value keeps none.
type meter struct {
	jobs    *prometheus.CounterVec
	seconds *prometheus.CounterVec
	series  *prometheus.CounterVec
	skill   *prometheus.GaugeVec

	mu       sync.Mutex
	datasets []string // that have a skill, the latest last
}

// newMeter registers the metrics of a worker, whose ranks do what activity says.
func newMeter(metrics prometheus.Registerer, activity func() []spmd.Activity) *meter {
	if metrics == nil {
		return &meter{}
	}
	m := &meter{
		jobs: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "foliocast_world_jobs_total", Help: "Jobs that the world has answered, by model and by the state in which they ended.",
		}, []string{"model", "state"}),
		seconds: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "foliocast_fit_seconds_total", Help: "Time that the ranks took to fit series, by the model that the job asked for.",
		}, []string{"model"}),
		series: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "foliocast_fit_series_total", Help: "Series that were fitted, by the model that the job asked for.",
		}, []string{"model"}),
		skill: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "foliocast_forecast_skill_ratio", Help: "Rolling-origin error of the latest forecast of a dataset, divided by the naive forecast's: the mean of its assets.",
		}, []string{"dataset"}),
	}
	metrics.MustRegister(m.jobs, m.seconds, m.series, m.skill, rankMetrics{activity})
	return m
}

// answered counts a job that has been answered.
func (m *meter) answered(j *leasedJob, state job.State, fit float64) {
	if m.jobs == nil {
		return
	}
	model := j.task.Spec.Model
	if j.task.Spec.Backtest() {
		model = "backtest" // it may have several
	}
	m.jobs.WithLabelValues(model, string(state)).Inc()
	m.seconds.WithLabelValues(model).Add(max(0, fit))
	m.series.WithLabelValues(model).Add(float64(j.plan.Assets()))
	if j.skills.n > 0 {
		m.skilled(j.task.Dataset.Name, j.skills.sum/float64(j.skills.n))
	}
}

// skilled sets the skill of a dataset, and drops that of the one without a forecast for the longest time when there are too many.
func (m *meter) skilled(dataset string, skill float64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.datasets = slices.DeleteFunc(m.datasets, func(other string) bool { return other == dataset })
	if m.datasets = append(m.datasets, dataset); len(m.datasets) > maxDatasets {
		m.skill.DeleteLabelValues(m.datasets[0])
		m.datasets = slices.Delete(m.datasets, 0, 1)
	}
	m.skill.WithLabelValues(dataset).Set(skill)
}

// skills sums up what was measured of the assets of one job.
type skills struct {
	sum float64
	n   int
}

func (s *skills) add(skill float64) {
	if !math.IsNaN(skill) && !math.IsInf(skill, 0) {
		s.sum += skill
		s.n++
	}
}

// rankMetrics are those of the ranks, as they are when a scrape comes.
type rankMetrics struct{ activity func() []spmd.Activity }

// maxRankMetrics is how many ranks have metrics of their own.
const maxRankMetrics = 1024

var (
	rankBusy   = prometheus.NewDesc("foliocast_rank_busy_seconds_total", "Time for which a rank had something to do.", []string{"rank", "host"}, nil)
	rankFit    = prometheus.NewDesc("foliocast_rank_fit_seconds_total", "Time for which a rank has computed, by its own clock.", []string{"rank", "host"}, nil)
	rankSeries = prometheus.NewDesc("foliocast_rank_series_total", "Series that a rank has computed.", []string{"rank", "host"}, nil)
)

// Describe is for Prometheus.
func (rankMetrics) Describe(to chan<- *prometheus.Desc) {
	to <- rankBusy
	to <- rankFit
	to <- rankSeries
}

// Collect is for Prometheus.
func (r rankMetrics) Collect(to chan<- prometheus.Metric) {
	all := r.activity()
	for i, a := range all[:min(len(all), maxRankMetrics)] {
		rank := strconv.Itoa(i)
		to <- prometheus.MustNewConstMetric(rankBusy, prometheus.CounterValue, a.Busy.Seconds(), rank, a.Host)
		to <- prometheus.MustNewConstMetric(rankFit, prometheus.CounterValue, a.Fit.Seconds(), rank, a.Host)
		to <- prometheus.MustNewConstMetric(rankSeries, prometheus.CounterValue, float64(a.Series), rank, a.Host)
	}
}
