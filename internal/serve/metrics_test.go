package serve

import (
	"context"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/danielgtaylor/huma/v2"
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

// A long poll or a stream lasts as long as nothing happens: it is counted, and not among the times.
func TestWhatWaitsIsNotTimed(t *testing.T) {
	t.Parallel()
	d := NewDoor(Config{Name: "test", Version: "7", Log: (&servetest.Log{}).Logger(), MetricsToken: testMetrics})
	huma.Get(d.API, "/now", func(context.Context, *struct{}) (*struct{}, error) { return nil, nil })
	huma.Get(d.API, "/later", func(ctx context.Context, _ *struct{}) (*struct{}, error) {
		Waits(ctx)
		return nil, nil
	})
	server := httptest.NewServer(d.Router)
	t.Cleanup(server.Close)
	servetest.Send(t, http.MethodGet, server.URL+"/now", nil)
	servetest.Send(t, http.MethodGet, server.URL+"/later", nil)
	_, metrics := servetest.Send(t, http.MethodGet, server.URL+"/metrics", nil, "Authorization", "Bearer "+testMetrics)
	for _, want := range []string{
		`foliocast_http_request_duration_seconds_count{method="GET",route="/now",status="204"} 1`,
		`foliocast_http_waits_total{method="GET",route="/later",status="204"} 1`,
		`foliocast_build_info{goversion="` + runtime.Version() + `",program="test",version="7"} 1`,
	} {
		if !strings.Contains(metrics, want) {
			t.Errorf("%s is missing", want)
		}
	}
	if strings.Contains(metrics, `duration_seconds_count{method="GET",route="/later"`) {
		t.Error("a request that waits is among the times")
	}
	servetest.LintMetrics(t, metrics)
}
