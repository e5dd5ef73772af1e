package foliocast

import (
	"context"
	"log/slog"

	"foliocast/internal/problem"
	"foliocast/internal/tracing"
)

// traced calls do as a span with the name of a command, where the environment asks for traces. It is below the variable
// TRACEPARENT, if there is one, and what do calls is below it.
func (a *app) traced(ctx context.Context, name string, do func(context.Context) error) error {
	tracer, err := tracing.New("foliocast", a.version, slog.New(slog.DiscardHandler))
	if err != nil {
		return usagef("%v", err)
	}
	defer tracer.Stop()
	span := tracer.Begin(a.env("TRACEPARENT"), name, false)
	err = do(problem.WithTraceparent(ctx, span.Traceparent()))
	fault := ""
	if err != nil {
		fault = err.Error()
	}
	span.End(fault, nil)
	return err
}
