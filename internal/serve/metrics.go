package serve

import (
	"crypto/sha256"
	"crypto/subtle"
	"net/http"
	"runtime"
	"strings"

	"github.com/gin-gonic/gin"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"foliocast/internal/problem"
)

// MinMetricsToken is how many characters a token for the metrics has at least.
const MinMetricsToken = 16

// maxScrapes is how many scrapes are answered at once.
const maxScrapes = 4

// BuildInfo is the metric that tells the program and its version; its value is 1.
func BuildInfo(program, version string) prometheus.Collector {
	return prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "foliocast_build_info", Help: "The program and what it was built from; the value is 1.",
		ConstLabels: prometheus.Labels{"program": program, "version": version, "goversion": runtime.Version()},
	}, func() float64 { return 1 })
}

// metrics serves the door's metrics to those who know the token.
func (d *Door) metrics(token string) {
	show := promhttp.HandlerFor(d.Metrics, promhttp.HandlerOpts{})
	slots := make(chan struct{}, maxScrapes)
	want := sha256.Sum256([]byte(token))
	d.Router.Match(methods(http.MethodGet), "/metrics", func(g *gin.Context) {
		if token == "" {
			abort(g, problem.New(problem.NotFound, "the metrics are off: set FOLIOCAST_METRICS_TOKEN"))
			return
		}
		scheme, given, _ := strings.Cut(g.GetHeader("Authorization"), " ")
		got := sha256.Sum256([]byte(given))
		if !strings.EqualFold(scheme, "Bearer") || subtle.ConstantTimeCompare(got[:], want[:]) != 1 {
			g.Header("WWW-Authenticate", `Bearer realm="metrics"`)
			abort(g, problem.New(problem.Unauthorized, "the metrics need the token in FOLIOCAST_METRICS_TOKEN, as Authorization: Bearer"))
			return
		}
		select {
		case slots <- struct{}{}:
			defer func() { <-slots }()
			show.ServeHTTP(g.Writer, g.Request)
		default:
			abort(g, problem.Newf(problem.Unavailable, "%d scrapes are being answered: try again in a second", maxScrapes))
		}
	})
}
