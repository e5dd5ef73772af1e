package serve

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"foliocast/internal/serve/servetest"
)

func TestTheMetricsNeedTheirToken(t *testing.T) {
	t.Parallel()
	const token = "sixteen letters!"
	for _, c := range []struct {
		name, token, header string
		want                int
	}{
		{"off", "", "Bearer ", http.StatusNotFound},
		{"no token", token, "", http.StatusUnauthorized},
		{"another token", token, "Bearer " + token + "?", http.StatusUnauthorized},
		{"another scheme", token, "Basic " + token, http.StatusUnauthorized},
		{"the token", token, "bearer " + token, http.StatusOK},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			log := &servetest.Log{}
			server := httptest.NewServer(NewDoor(Config{Name: "test", Log: log.Logger(), MetricsToken: c.token}).Router)
			t.Cleanup(server.Close)
			if resp, text := servetest.Send(t, http.MethodGet, server.URL+"/metrics", nil, "Authorization", c.header); resp.StatusCode != c.want {
				t.Errorf("got %d %.200s, want %d", resp.StatusCode, text, c.want)
			}
			if !(&servetest.Service{URL: server.URL}).Answers("/healthz", http.StatusOK) {
				t.Error("/healthz is not public")
			}
		})
	}
}

// gather returns how many metrics a sampler shows.
func gather(t *testing.T, s *Sampler) int {
	t.Helper()
	metrics := make(chan prometheus.Metric, 10)
	s.Collect(metrics)
	return len(metrics)
}

func TestASampleIsSharedAndGetsOld(t *testing.T) {
	t.Parallel()
	var looks atomic.Int32
	broken := make(chan struct{})
	log := &servetest.Log{}
	one := prometheus.MustNewConstMetric(prometheus.NewDesc("one", "One.", nil, nil), prometheus.GaugeValue, 1)
	s := &Sampler{Every: 5 * time.Millisecond, Limit: 20 * time.Millisecond, Log: log.Logger(),
		Look: func(ctx context.Context) ([]prometheus.Metric, error) {
			looks.Add(1)
			select {
			case <-broken:
				<-ctx.Done() // a database that does not answer
				return nil, ctx.Err()
			default:
				return []prometheus.Metric{one}, nil
			}
		}}
	go s.Run(t.Context())
	servetest.Until(t, "there is a sample", func() bool { return gather(t, s) == 1 })
	close(broken)
	servetest.Until(t, "the old sample is not shown", func() bool { return gather(t, s) == 0 })
	servetest.Until(t, "the failure is logged", func() bool { return strings.Contains(log.String(), "cannot sample") })

	idle := &Sampler{Every: time.Hour, Log: log.Logger(), Look: s.Look}
	before := looks.Load()
	for range 100 {
		gather(t, idle)
	}
	if got := looks.Load() - before; got > 5 { // of the other sampler
		t.Errorf("100 scrapes looked %d times", got)
	}
}
