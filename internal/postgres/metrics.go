package postgres

import (
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus"
)

// PoolMetrics are the metrics of a pool. A scrape takes no connection.
func PoolMetrics(pool *pgxpool.Pool) prometheus.Collector { return poolMetrics{pool.Stat} }

type poolMetrics struct{ stat func() *pgxpool.Stat }

var (
	poolConnections = prometheus.NewDesc("foliocast_database_connections", "Connections to the database, by what they do.", []string{"state"}, nil)
	poolMax         = prometheus.NewDesc("foliocast_database_max_connections", "Connections that the service may have (FOLIOCAST_DATABASE_CONNECTIONS).", nil, nil)
	poolAcquires    = prometheus.NewDesc("foliocast_database_acquires_total", "How often a connection was taken.", nil, nil)
	poolWaits       = prometheus.NewDesc("foliocast_database_acquire_waits_total", "How often that had to wait, because all connections were in use or a new one was made.", nil, nil)
	poolSeconds     = prometheus.NewDesc("foliocast_database_acquire_seconds_total", "How long it took.", nil, nil)
)

// Describe is for Prometheus.
func (poolMetrics) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{poolConnections, poolMax, poolAcquires, poolWaits, poolSeconds} {
		to <- d
	}
}

// Collect is for Prometheus.
func (p poolMetrics) Collect(to chan<- prometheus.Metric) {
	s := p.stat()
	to <- prometheus.MustNewConstMetric(poolConnections, prometheus.GaugeValue, float64(s.AcquiredConns()), "used")
	to <- prometheus.MustNewConstMetric(poolConnections, prometheus.GaugeValue, float64(s.IdleConns()), "idle")
	to <- prometheus.MustNewConstMetric(poolConnections, prometheus.GaugeValue, float64(s.ConstructingConns()), "connecting")
	to <- prometheus.MustNewConstMetric(poolMax, prometheus.GaugeValue, float64(s.MaxConns()))
	to <- prometheus.MustNewConstMetric(poolAcquires, prometheus.CounterValue, float64(s.AcquireCount()))
	to <- prometheus.MustNewConstMetric(poolWaits, prometheus.CounterValue, float64(s.EmptyAcquireCount()))
	to <- prometheus.MustNewConstMetric(poolSeconds, prometheus.CounterValue, s.AcquireDuration().Seconds())
}
