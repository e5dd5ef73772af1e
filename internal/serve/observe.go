package serve

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"runtime/debug"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus"

	"foliocast/internal/problem"
)

// RequestID is the id of the request that ctx belongs to, or "".
func RequestID(ctx context.Context) string { return problem.RequestID(ctx) }

var requestIDPattern = regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)

// statusCallerGone is logged and counted in place of a failure after the caller
// hung up, which must not look like a failing service.
const statusCallerGone = 499

// observe gives the request its id, and logs and counts it with its answer. It
// never logs a token, a password or a body. What it logs and counts is short
// and, but for the id, the addresses and the subject, from a closed set.
func (d *Door) observe() gin.HandlerFunc {
	seconds := prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "foliocast_http_request_duration_seconds", Help: "Time from request to answer, of requests that do not wait for something to happen.",
		Buckets: prometheus.ExponentialBuckets(0.001, 4, 8),
	}, []string{"method", "route", "status"})
	waits := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "foliocast_http_waits_total", Help: "Long polls and streams that have ended.",
	}, []string{"method", "route", "status"})
	d.Metrics.MustRegister(seconds, waits)
	return func(g *gin.Context) {
		begin := time.Now()
		id := g.GetHeader(problem.RequestIDHeader)
		if !requestIDPattern.MatchString(id) {
			id = uuid.NewString()
		}
		source := d.proxies.source(g.Request)
		ctx := context.WithValue(g.Request.Context(), sourceKey{}, source)
		waiting := new(atomic.Bool)
		ctx = context.WithValue(ctx, waitsKey{}, waiting)
		ctx = context.WithValue(ctx, secureKey{}, d.proxies.secure(g.Request))
		span := d.beginSpan(g)
		ctx = problem.WithTraceparent(ctx, span.Traceparent())
		g.Request = g.Request.WithContext(problem.WithRequestID(ctx, id))
		g.Header(problem.RequestIDHeader, id)
		g.Header("X-Content-Type-Options", "nosniff")
		g.Header("Cache-Control", "no-store") // but for the few answers that say otherwise
		who := callerOf(g)
		defer func() { // also after a panic that ends the connection
			took := time.Since(begin)
			labels := d.answered(g, id, who, took)
			if waiting.Load() {
				waits.WithLabelValues(labels...).Inc()
			} else {
				seconds.WithLabelValues(labels...).Observe(took.Seconds())
			}
			endSpan(g, span, id)
		}()
		g.Next()
	}
}

// answered logs a request, and returns its method, route and status.
func (d *Door) answered(g *gin.Context, id string, who *caller, took time.Duration) []string {
	route := route(g)
	status := g.Writer.Status()
	if status >= 500 && g.Request.Context().Err() == context.Canceled {
		status = statusCallerGone
	}
	method := methodLabel(g.Request.Method)
	d.log.Info("request", "request_id", id, "source", Source(g.Request.Context()), "destination", d.Name, "subject", cut(who.subject, 200),
		"method", method, "route", route, "status", status,
		"bytes", g.Writer.Size(), "duration_ms", float64(took.Microseconds())/1000)
	return []string{method, route, strconv.Itoa(status)}
}

// methodLabel is the method of a request, or "other" for one that HTTP does not
// define: a caller may invent any number of them.
func methodLabel(method string) string {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete,
		http.MethodConnect, http.MethodOptions, http.MethodTrace:
		return method
	}
	return "other"
}

// cut shortens text that a caller chose to at most n bytes and an ellipsis.
func cut(text string, n int) string {
	if len(text) <= n {
		return text
	}
	return strings.ToValidUTF8(text[:n], "") + "…"
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
