package serve

import (
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"foliocast/internal/problem"
	"foliocast/internal/tracing"
)

// beginSpan begins the span of a request that is part of a trace, or that begins one. It returns nil for any other: polls and
// probes would be traces of nothing.
func (d *Door) beginSpan(g *gin.Context) *tracing.Active {
	if d.tracer == nil {
		return nil
	}
	parent := g.GetHeader(problem.TraceparentHeader)
	_, _, brought := tracing.Trace(parent)
	changes := g.Request.Method != http.MethodGet && g.Request.Method != http.MethodHead && g.FullPath() != ""
	if !brought && !(d.begins && changes) {
		return nil
	}
	return d.tracer.Begin(parent, methodLabel(g.Request.Method)+" "+route(g), true)
}

// route is the pattern of the path of a request, or "none".
func route(g *gin.Context) string {
	if path := g.FullPath(); path != "" {
		return path
	}
	return "none"
}

// endSpan ends the span of a request, if it has one. The names of the attributes are those of OpenTelemetry.
func endSpan(g *gin.Context, span *tracing.Active, requestID string) {
	if span == nil {
		return
	}
	status, fault := g.Writer.Status(), ""
	if status >= 500 {
		fault = strconv.Itoa(status) + " " + http.StatusText(status)
	}
	span.End(fault, map[string]any{"http.request.method": methodLabel(g.Request.Method), "http.route": route(g),
		"http.response.status_code": status, "foliocast.request_id": requestID})
}
