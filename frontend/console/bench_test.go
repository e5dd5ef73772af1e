package console

import (
	"net/http"
	"testing"
	"time"

	"foliocast/internal/auth"
)

// BenchmarkJobs makes pages of jobs with 100,000 jobs in the store.
func BenchmarkJobs(b *testing.B) {
	w := newWorld(b)
	w.upload("prices", prices)
	id := w.submit(spec("DAX", "FTSE"))
	if _, err := w.pool.Exec(b.Context(), `INSERT INTO job (id, owner, subject, state, created_at, ended_at, dataset, dataset_version, spec, brief)
		SELECT gen_random_uuid(), owner, subject, CASE WHEN n % 10 = 0 THEN 'failed' ELSE 'done' END, created_at - n * interval '1 second', created_at, dataset, dataset_version, spec, brief
		FROM job, generate_series(1, 100000) n WHERE id = $1`, id); err != nil {
		b.Fatal(err)
	}
	if _, err := w.pool.Exec(b.Context(), "ANALYZE job"); err != nil {
		b.Fatal(err)
	}
	in := w.as(auth.Manager)
	for name, path := range map[string]string{"all": "/jobs", "failed": "/jobs?state=failed", "dataset": "/jobs?dataset=prices&state=done", "overview": "/"} {
		b.Run(name, func(b *testing.B) {
			var most time.Duration
			for b.Loop() {
				begin := time.Now()
				in.want(in.get(path), http.StatusOK)
				most = max(most, time.Since(begin))
			}
			b.ReportMetric(float64(most.Microseconds())/1000, "worst-ms")
		})
	}
}
