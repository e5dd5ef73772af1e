package main

import (
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"runtime"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"golang.org/x/net/netutil"

	"foliocast/internal/cli"
)

const (
	minMetricsToken = 16 // characters
	maxScrapers     = 16 // connections at once; others wait
	scrapeTime      = 10 * time.Second
)

// serveMetrics serves the metrics of this world at the address of the settings, until quit is called. Without an address there
// is no registry. One route for one reader does without the door of a service.
func (c *Config) serveMetrics() (registry *prometheus.Registry, address string, quit func(), err error) {
	if c.Metrics == "" {
		return nil, "", func() {}, nil
	}
	listener, err := net.Listen("tcp", c.Metrics)
	if err != nil {
		return nil, "", nil, fmt.Errorf("FOLIOCAST_METRICS_LISTEN: %w", err)
	}
	registry = prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "foliocast_build_info", Help: "The program and what it was built from; the value is 1.",
			ConstLabels: prometheus.Labels{"program": "mpicalc", "version": cli.Version(), "goversion": runtime.Version()},
		}, func() float64 { return 1 }))
	server := &http.Server{
		Handler:           metricsHandler(registry, c.MetricsToken),
		ReadHeaderTimeout: scrapeTime,
		ReadTimeout:       scrapeTime,
		WriteTimeout:      scrapeTime,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    8 << 10,
		ErrorLog:          slog.NewLogLogger(slog.Default().Handler(), slog.LevelWarn),
	}
	address = listener.Addr().String()
	slog.Info("serving metrics", "address", address)
	go server.Serve(netutil.LimitListener(listener, maxScrapers))
	return registry, address, func() { server.Close() }, nil
}

// metricsHandler shows the metrics to those who know the token.
func metricsHandler(registry *prometheus.Registry, token string) http.Handler {
	want := sha256.Sum256([]byte(token))
	show := promhttp.HandlerFor(registry, promhttp.HandlerOpts{MaxRequestsInFlight: 4})
	routes := http.NewServeMux()
	routes.HandleFunc("GET /metrics", func(w http.ResponseWriter, r *http.Request) {
		scheme, given, _ := strings.Cut(r.Header.Get("Authorization"), " ")
		got := sha256.Sum256([]byte(given))
		if !strings.EqualFold(scheme, "Bearer") || subtle.ConstantTimeCompare(got[:], want[:]) != 1 {
			w.Header().Set("WWW-Authenticate", `Bearer realm="metrics"`)
			http.Error(w, "the metrics need the token in FOLIOCAST_METRICS_TOKEN, as Authorization: Bearer", http.StatusUnauthorized)
			return
		}
		show.ServeHTTP(w, r)
	})
	return routes
}
