package api

import (
	"testing"

	"foliocast/internal/auth"
)

// BenchmarkSubmit sends jobs over HTTP from several clients at once, with the
// relay at work.
func BenchmarkSubmit(b *testing.B) {
	s := newService(b)
	s.deliver()
	s.upload("prices", smallCSV)
	c := s.as(auth.Manager)
	b.SetParallelism(8)
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := c.CreateJob(b.Context(), spec(), ""); err != nil {
				b.Error(err)
				return
			}
		}
	})
}
