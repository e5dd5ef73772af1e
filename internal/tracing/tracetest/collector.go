// Package tracetest is a collector of OpenTelemetry for tests: it takes spans by OTLP over HTTP, and a test reads them.
package tracetest

import (
	"compress/gzip"
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	common "go.opentelemetry.io/proto/otlp/common/v1"
	"google.golang.org/protobuf/proto"
)

// Span is one span that was sent.
type Span struct {
	Service, Name, Trace, ID, Parent string
	Links                            []string // ids of spans
	Begin, End                       time.Time
	Fault                            string
	Attributes                       map[string]any
}

// Seconds is how long the span lasted.
func (s Span) Seconds() float64 { return s.End.Sub(s.Begin).Seconds() }

// Collector is a collector. Safe for concurrent use.
type Collector struct {
	URL   string // for OTEL_EXPORTER_OTLP_ENDPOINT
	mu    sync.Mutex
	spans []Span
	hangs bool
}

// Hang makes the collector answer no request any more.
func (c *Collector) Hang() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.hangs = true
}

func (c *Collector) hanging() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.hangs
}

// New starts a collector, which runs until the test ends.
func New(t testing.TB) *Collector {
	t.Helper()
	c := &Collector{}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/traces", func(w http.ResponseWriter, r *http.Request) {
		var request collector.ExportTraceServiceRequest
		text, err := body(r)
		if c.hanging() {
			<-r.Context().Done()
			return
		}
		if err == nil {
			err = proto.Unmarshal(text, &request)
		}
		if err != nil {
			t.Errorf("a request is not OTLP: %v", err)
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		c.add(&request)
		w.Header().Set("Content-Type", "application/x-protobuf")
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	c.URL = server.URL
	return c
}

func body(r *http.Request) ([]byte, error) {
	if r.Header.Get("Content-Encoding") != "gzip" {
		return io.ReadAll(r.Body)
	}
	unpacked, err := gzip.NewReader(r.Body)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(unpacked)
}

func (c *Collector) add(request *collector.ExportTraceServiceRequest) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, resource := range request.ResourceSpans {
		service, _ := values(resource.Resource.Attributes)["service.name"].(string)
		for _, scope := range resource.ScopeSpans {
			for _, s := range scope.Spans {
				span := Span{Service: service, Name: s.Name, Trace: hex.EncodeToString(s.TraceId), ID: hex.EncodeToString(s.SpanId),
					Parent: hex.EncodeToString(s.ParentSpanId), Begin: time.Unix(0, int64(s.StartTimeUnixNano)),
					End: time.Unix(0, int64(s.EndTimeUnixNano)), Fault: s.Status.GetMessage(), Attributes: values(s.Attributes)}
				for _, link := range s.Links {
					span.Links = append(span.Links, hex.EncodeToString(link.SpanId))
				}
				c.spans = append(c.spans, span)
			}
		}
	}
}

func values(list []*common.KeyValue) map[string]any {
	all := make(map[string]any, len(list))
	for _, kv := range list {
		switch v := kv.Value.GetValue().(type) {
		case *common.AnyValue_StringValue:
			all[kv.Key] = v.StringValue
		case *common.AnyValue_IntValue:
			all[kv.Key] = int(v.IntValue)
		case *common.AnyValue_DoubleValue:
			all[kv.Key] = v.DoubleValue
		case *common.AnyValue_BoolValue:
			all[kv.Key] = v.BoolValue
		}
	}
	return all
}

// Spans are the spans of a trace that have come, in the order in which they began; all spans for "".
func (c *Collector) Spans(trace string) []Span {
	c.mu.Lock()
	defer c.mu.Unlock()
	var all []Span
	for _, s := range c.spans {
		if trace == "" || s.Trace == trace {
			all = append(all, s)
		}
	}
	slices.SortStableFunc(all, func(a, b Span) int { return a.Begin.Compare(b.Begin) })
	return all
}
