// Package serve is the door of a service: a router with typed operations on
// top, limits on body, rate and time, one log line a request, health and
// metrics, and a stop that loses no answer. It knows nothing of any service.
package serve

import (
	"context"
	"log/slog"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"
	"github.com/gin-gonic/gin"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"foliocast/internal/problem"
	"foliocast/internal/tracing"
)

// Config says how a door is made. Name and Log are required.
type Config struct {
	Name      string       // the service, in logs and in the OpenAPI title
	Version   string       // of the program
	Log       *slog.Logger // one line a request and answer
	RateLimit float64      // requests a second and client address; 0 means 5000
	Proxies   Proxies      // trusted to name their clients
	Pace      Pace         // of bodies and answers
	Budget    Budget       // of the operations after Admit
	Ready     func(context.Context) error

	// Tracer makes the spans of requests that are part of a trace; nil means none. Where BeginTraces is set, requests that may
	// change something begin a trace when they bring none.
	Tracer      *tracing.Tracer
	BeginTraces bool

	// MetricsToken is what a scrape of /metrics must send. Without one, the metrics
	// are not shown.
	MetricsToken string
}

// Door is a service's router and typed API. Register operations on API; Router
// is for the few routes that are not typed operations.
type Door struct {
	Name    string
	Router  *gin.Engine
	API     huma.API
	Metrics *prometheus.Registry
	log     *slog.Logger
	proxies Proxies
	budget  *budget
	tracer  *tracing.Tracer
	begins  bool // traces
}

// install points huma at our problems. Its hooks are variables of the huma
// package, so this happens once a process.
var install = sync.OnceFunc(func() {
	gin.SetMode(gin.ReleaseMode)
	huma.DefaultArrayNullable = false
	huma.ValidateStrictCasing = true // else a body could have a field twice, in different cases
	huma.NewError = newError
	huma.NewErrorWithContext = func(_ huma.Context, status int, detail string, errs ...error) huma.StatusError {
		return newError(status, detail, errs...)
	}
})

// NewDoor returns a door with /healthz, /readyz, /metrics, /openapi.json and
// /docs, and nothing else behind it yet.
func NewDoor(c Config) *Door {
	install()
	if c.RateLimit == 0 {
		c.RateLimit = 5000
	}
	router := gin.New()
	router.HandleMethodNotAllowed = true
	router.ContextWithFallback = true
	router.RedirectTrailingSlash = false // gin redirects before any of the limits below
	metrics := prometheus.NewRegistry()
	metrics.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), BuildInfo(c.Name, c.Version))
	d := &Door{Name: c.Name, Router: router, Metrics: metrics, log: c.Log, proxies: c.Proxies, budget: newBudget(c.Budget),
		tracer: c.Tracer, begins: c.BeginTraces}
	router.Use(d.observe(), c.Pace.orDefault().paced, d.recovered, newLimiter(c.RateLimit).limit, boundHeader)
	router.NoRoute(d.NotFound)
	router.NoMethod(func(g *gin.Context) {
		p := problem.Newf(problem.Malformed, "%s does not take %s", cut(g.Request.URL.Path, 200), cut(g.Request.Method, 20))
		p.Status, p.Title = http.StatusMethodNotAllowed, http.StatusText(http.StatusMethodNotAllowed)
		abort(g, p)
	})
	config := huma.DefaultConfig("Foliocast "+c.Name, c.Version)
	config.DocsPath = ""                       // its page asks another host for a script
	config.OpenAPIPath = ""                    // see openapi
	config.CreateHooks = nil                   // no $schema links in every body
	config.RejectUnknownQueryParameters = true // else a misspelt filter would let everything through
	config.Formats = strictFormats()
	config.Transformers = []huma.Transformer{d.finish}
	config.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"bearer": {Type: "http", Scheme: "bearer", Description: "An access token, or a personal access token"},
	}
	d.API = huma.NewAPI(config, adapter{router, make(chan struct{}, max(1, runtime.GOMAXPROCS(0)/2))})
	d.API.UseMiddleware(checkQuery)
	d.health(c.Ready)
	d.metrics(c.MetricsToken)
	d.docs()
	d.openapi()
	return d
}

// NotFound answers that the service has no such path. It is exported for a service that
// answers browsers in another way, and sets Router.NoRoute.
func (d *Door) NotFound(g *gin.Context) {
	abort(g, problem.Newf(problem.NotFound, "%s has no %s", d.Name, cut(g.Request.URL.Path, 200)))
}

// Refuse ends a request outside the typed API with a problem, and logs its cause.
func (d *Door) Refuse(g *gin.Context, p *problem.Problem) { abort(g, d.report(g, p)) }

// adapter puts huma's operations on gin. Each GET is also a HEAD.
type adapter struct {
	router *gin.Engine
	// turns has room for as many large bodies as are taken apart at once. Each keeps a
	// core busy: half of them are left to requests that take less.
	turns chan struct{}
}

// Handle is for huma.
func (a adapter) Handle(op *huma.Operation, handle func(huma.Context)) {
	path := strings.NewReplacer("{", ":", "}", "").Replace(op.Path)
	for _, method := range methods(op.Method) {
		a.router.Handle(method, path, func(g *gin.Context) { handle(humagin.NewContext(op, g)) })
	}
}

// ServeHTTP is for huma.
func (a adapter) ServeHTTP(w http.ResponseWriter, r *http.Request) { a.router.ServeHTTP(w, r) }

// methods are those that a route for one method takes.
func methods(method string) []string {
	if method == http.MethodGet {
		return []string{http.MethodGet, http.MethodHead} // the server leaves out the body
	}
	return []string{method}
}

// health answers "is the process alive" and "can it do its work".
func (d *Door) health(ready func(context.Context) error) {
	d.Router.Match(methods(http.MethodGet), "/healthz", func(g *gin.Context) { g.JSON(http.StatusOK, gin.H{"status": "ok"}) })
	d.Router.Match(methods(http.MethodGet), "/readyz", func(g *gin.Context) {
		if leaving(g.Request.Context()) {
			abort(g, problem.Newf(problem.Unavailable, "%s is stopping", d.Name))
			return
		}
		ctx, cancel := context.WithTimeout(g.Request.Context(), 2*time.Second)
		defer cancel()
		if ready != nil {
			if err := ready(ctx); err != nil {
				abort(g, problem.Newf(problem.Unavailable, "%s is not ready", d.Name).Because(err))
				return
			}
		}
		g.JSON(http.StatusOK, gin.H{"status": "ready"})
	})
}
