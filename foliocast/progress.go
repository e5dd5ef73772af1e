package foliocast

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/schollz/progressbar/v3"

	"foliocast/frontend/client"
	"foliocast/internal/job"
	"foliocast/internal/problem"
	"foliocast/internal/texttable"
)

const (
	watchTick  = 500 * time.Millisecond // between two requests when the last one failed
	watchLimit = time.Minute            // how long the data service may be unreachable
)

// watch waits until a job ends, shows how far it is, and returns the job as it ended. It keeps trying
// while the data service is unreachable for less than a minute.
func watch(ctx context.Context, c *client.Client, id job.ID, p *progress) (job.Job, error) {
	defer p.finish()
	after := int64(0)
	for {
		j, err := patiently(ctx, watchTick, watchLimit, func() (client.Snapshot, error) { return c.Job(ctx, id) })
		if err != nil || j.State.Final() {
			return j.Job, err
		}
		p.show(string(j.State), j.Progress)
		for e, err := range c.JobEvents(ctx, id, after) {
			if reset, ok := errors.AsType[*client.Reset](err); ok {
				after = reset.After
				continue
			}
			if err != nil {
				return job.Job{}, err
			}
			after = e.ID
			p.event(e)
		}
		if ctx.Err() != nil {
			return job.Job{}, ctx.Err()
		}
	}
}

// patiently asks until it is answered, for a limited time. What it asks must be safe to repeat.
func patiently[T any](ctx context.Context, pause, limit time.Duration, ask func() (T, error)) (T, error) {
	return backoff.Retry(ctx, func() (T, error) {
		v, err := ask()
		if err != nil && !passing(err) {
			err = backoff.Permanent(err)
		}
		return v, err
	}, backoff.WithBackOff(backoff.NewConstantBackOff(pause)), backoff.WithMaxElapsedTime(limit))
}

// passing reports whether asking again may help: the service, or a part that it
// needs, is being restarted, or has too many requests.
func passing(err error) bool {
	_, unreachable := errors.AsType[*problem.Unreachable](err)
	return unreachable || problem.Is(err, problem.Unavailable) || problem.Is(err, problem.TooMany)
}

// progress shows how far a job is: a bar on a terminal; elsewhere a line for each event, or nothing.
type progress struct {
	bar   *progressbar.ProgressBar // nil without a terminal
	lines io.Writer                // nil for none
	pace  pace
}

// barSteps is the resolution of the bar.
const barSteps = 1000

// progress shows progress on standard error, and as lines where that is no terminal if they are
// wanted.
func (a *app) progress(lines bool) *progress {
	switch {
	case a.json:
		return &progress{}
	case terminal(a.err):
		return &progress{bar: progressbar.NewOptions(barSteps,
			progressbar.OptionSetWriter(a.err),
			progressbar.OptionSetDescription("queued"),
			progressbar.OptionSetWidth(40),
			progressbar.OptionClearOnFinish(),
			progressbar.OptionSetPredictTime(false),
			progressbar.OptionSetElapsedTime(true),
		)}
	case lines:
		return &progress{lines: a.err}
	}
	return &progress{}
}

// event shows what has happened.
func (p *progress) event(e job.LogEvent) {
	p.pace.note(e)
	what := eventWords(e)
	if left, ok := p.pace.left(); ok {
		what += ", about " + left.String() + " left"
	}
	if p.lines != nil {
		line(p.lines, "%s  %s", when(e.At), what)
	}
	switch e.Type.State() {
	case "", job.Running:
		p.show(what, e.Progress)
	case job.Queued:
		p.show(what, 0)
	}
}

func (p *progress) show(what string, share float64) {
	if p.bar == nil {
		return
	}
	p.bar.Describe(texttable.Printable(what))
	_ = p.bar.Set(int(share * barSteps))
}

func (p *progress) finish() {
	if p.bar != nil {
		_ = p.bar.Finish()
	}
}
