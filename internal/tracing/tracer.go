package tracing

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	"golang.org/x/time/rate"
)

// Tracer makes spans and sends them in the background. A nil Tracer is off: its methods do nothing and allocate nothing. It
// is safe for concurrent use.
//
// A collector that is down, slow or answers nonsense holds nothing up: spans that it does not take are kept up to the number
// that OTEL_BSP_MAX_QUEUE_SIZE says, and dropped beyond.
type Tracer struct {
	provider *sdk.TracerProvider
	tracer   trace.Tracer
}

// stopTime is how long spans are still sent at the end of the program.
const stopTime = 2 * time.Second

// New returns the tracer that the environment asks for, by the variables of OpenTelemetry that begin with OTEL_, or nil when it
// asks for none. The program and its version are attributes of every span. The error says which variable is invalid.
func New(program, version string, log *slog.Logger) (*Tracer, error) {
	on, err := wanted(os.Getenv)
	if !on || err != nil {
		return nil, err
	}
	sometimes := rate.Sometimes{First: 1, Interval: time.Minute}
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) {
		sometimes.Do(func() { log.Warn("spans were not sent", "err", err) })
	}))
	ctx := context.Background()
	exporter, err := otlptracehttp.New(ctx)
	if err != nil {
		return nil, fmt.Errorf("send traces: %w", err)
	}
	about, err := resource.New(ctx, resource.WithHost(), resource.WithProcessPID(), resource.WithTelemetrySDK(),
		resource.WithAttributes(attribute.String("service.namespace", "foliocast"), attribute.String("service.name", program),
			attribute.String("service.version", version)),
		resource.WithFromEnv())
	if err != nil {
		return nil, fmt.Errorf("OTEL_RESOURCE_ATTRIBUTES: %w", err)
	}
	provider := sdk.NewTracerProvider(sdk.WithBatcher(exporter), sdk.WithResource(about), sdk.WithIDGenerator(ids{}))
	return &Tracer{provider, provider.Tracer("foliocast")}, nil
}

// wanted reports whether the environment asks for traces.
func wanted(env func(string) string) (bool, error) {
	switch exporter := env("OTEL_TRACES_EXPORTER"); {
	case strings.EqualFold(env("OTEL_SDK_DISABLED"), "true"), exporter == "none":
		return false, nil
	case exporter == "" && env("OTEL_EXPORTER_OTLP_ENDPOINT") == "" && env("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT") == "":
		return false, nil
	case exporter != "" && exporter != "otlp":
		return false, fmt.Errorf("OTEL_TRACES_EXPORTER must be otlp or none, not %q", exporter)
	}
	for _, name := range []string{"OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL"} {
		if protocol := env(name); protocol == "http/protobuf" {
			break
		} else if protocol != "" {
			return false, fmt.Errorf("%s must be http/protobuf, not %q: collectors take it on port 4318", name, protocol)
		}
	}
	return true, nil
}

// Stop sends what is left, for two seconds at most.
func (t *Tracer) Stop() {
	if t == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), stopTime)
	defer cancel()
	if err := t.provider.Shutdown(ctx); err != nil {
		otel.Handle(err)
	}
}

// Record makes spans that have ended, in the trace of a traceparent, unless that says that the trace is not recorded, or is not a
// traceparent.
func (t *Tracer) Record(traceparent string, spans ...Span) {
	if t == nil {
		return
	}
	in := parse(traceparent)
	if !in.IsSampled() {
		return
	}
	for _, s := range spans {
		ctx := trace.ContextWithRemoteSpanContext(context.Background(), in.WithSpanID(s.Parent))
		options := []trace.SpanStartOption{trace.WithTimestamp(s.Begin)}
		if s.Follows.IsValid() {
			options = append(options, trace.WithLinks(trace.Link{SpanContext: in.WithSpanID(s.Follows)}))
		}
		_, span := t.tracer.Start(context.WithValue(ctx, idKey{}, s.ID), s.Name, options...)
		finish(span, s.Fault, s.Attributes)
		span.End(trace.WithTimestamp(s.End))
	}
}

// On reports whether spans are made.
func (t *Tracer) On() bool { return t != nil }

// Active is a span that has not ended. A nil one is no span.
type Active struct{ span trace.Span }

// Begin begins a span of a request that the program takes (server) or of something that it does. It is below the parent, and
// begins a trace without one.
func (t *Tracer) Begin(parent, name string, server bool) *Active {
	if t == nil {
		return nil
	}
	kind := trace.SpanKindInternal
	if server {
		kind = trace.SpanKindServer
	}
	ctx := trace.ContextWithRemoteSpanContext(context.Background(), parse(parent))
	_, span := t.tracer.Start(ctx, name, trace.WithSpanKind(kind))
	return &Active{span}
}

// Traceparent is that of the span, or "".
func (a *Active) Traceparent() string {
	if a == nil {
		return ""
	}
	return format(a.span.SpanContext())
}

// End ends the span. The fault is why it failed, or "".
func (a *Active) End(fault string, attributes map[string]any) {
	if a == nil {
		return
	}
	finish(a.span, fault, attributes)
	a.span.End()
}

func finish(span trace.Span, fault string, attributes map[string]any) {
	if fault != "" {
		span.SetStatus(codes.Error, fault)
	}
	for name, value := range attributes {
		span.SetAttributes(keyValue(name, value))
	}
}

func keyValue(name string, value any) attribute.KeyValue {
	switch v := value.(type) {
	case int:
		return attribute.Int(name, v)
	case float64:
		return attribute.Float64(name, v)
	case bool:
		return attribute.Bool(name, v)
	default:
		return attribute.String(name, fmt.Sprint(v))
	}
}
