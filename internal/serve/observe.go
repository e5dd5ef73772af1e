package serve

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"runtime/debug"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus"

	"foliocast/internal/problem"
)

// requestIDHeader carries a request's id between services and back.
const requestIDHeader = "X-Request-Id"

type requestIDKey struct{}

// RequestID is the id of the request that ctx belongs to, or "".
func RequestID(ctx context.Context) string {
	id, _ := ctx.Value(requestIDKey{}).(string)
	return id
}

var requestIDPattern = regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)

// statusCallerGone is logged and counted in place of a failure after the caller
// hung up, which must not look like a failing service.
const statusCallerGone = 499

// observe gives the request its id, and logs and counts it with its answer. It
// never logs a token, a password or a body.
func (d *Door) observe() gin.HandlerFunc {
	seconds := prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "http_request_duration_seconds", Help: "Time from request to answer.",
		Buckets: prometheus.ExponentialBuckets(0.001, 4, 8),
	}, []string{"method", "route", "status"})
	d.Metrics.MustRegister(seconds)
	return func(g *gin.Context) {
		begin := time.Now()
		id := g.GetHeader(requestIDHeader)
		if !requestIDPattern.MatchString(id) {
			id = uuid.NewString()
		}
		source := d.proxies.source(g.Request)
		ctx := context.WithValue(g.Request.Context(), sourceKey{}, source)
		g.Request = g.Request.WithContext(context.WithValue(ctx, requestIDKey{}, id))
		g.Header(requestIDHeader, id)
		g.Next()
		route := g.FullPath()
		if route == "" {
			route = "none"
		}
		took := time.Since(begin)
		status := g.Writer.Status()
		if status >= 500 && g.Request.Context().Err() == context.Canceled {
			status = statusCallerGone
		}
		seconds.WithLabelValues(g.Request.Method, route, strconv.Itoa(status)).Observe(took.Seconds())
		d.log.Info("request", "request_id", id, "source", source, "destination", d.Name,
			"method", g.Request.Method, "route", route, "status", status,
			"bytes", g.Writer.Size(), "duration_ms", float64(took.Microseconds())/1000)
	}
}

// recovered turns a panic into a 500 and a log entry with its stack.
func (d *Door) recovered(g *gin.Context) {
	defer func() {
		fault := recover()
		if fault == nil {
			return
		}
		if fault == http.ErrAbortHandler {
			panic(fault)
		}
		d.log.Error("panic", "request_id", RequestID(g.Request.Context()), "err", fmt.Sprint(fault), "stack", string(debug.Stack()))
		if !g.Writer.Written() {
			abort(g, problem.New(problem.Internal, sentence(http.StatusInternalServerError, "")))
		}
	}()
	g.Next()
}
