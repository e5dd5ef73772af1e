package main

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/schollz/progressbar/v3"

	"foliocast/frontend/client"
	"foliocast/internal/job"
	"foliocast/internal/problem"
	"foliocast/internal/texttable"
)

const (
	watchTick  = 500 * time.Millisecond // between two requests when the last one failed
	watchShort = time.Second            // a long poll while a progress bar is shown
	watchLong  = 30 * time.Second       // a long poll otherwise
	watchLimit = time.Minute            // how long the data service may be unreachable
)

// watch waits until a job ends, with a progress bar on bar when that is a
// terminal, and returns the job as it ended. It keeps trying while
// the data service is unreachable for less than a minute.
func watch(ctx context.Context, c *client.Client, id job.ID, bar io.Writer) (job.Job, error) {
	p := newProgress(bar)
	defer p.finish()
	lastAnswer := time.Now()
	for {
		j, err := c.WaitJob(ctx, id, p.wait())
		switch {
		case err == nil && j.State.Final():
			return j.Job, nil
		case err == nil:
			lastAnswer = time.Now()
			p.show(j.Job)
		case passing(err) && time.Since(lastAnswer) < watchLimit:
			select {
			case <-ctx.Done():
			case <-time.After(watchTick):
			}
		default:
			return job.Job{}, err
		}
		if ctx.Err() != nil {
			return job.Job{}, ctx.Err()
		}
	}
}

// passing reports whether asking again may help: the service, or a part that it
// needs, is being restarted, or has too many requests.
func passing(err error) bool {
	_, unreachable := errors.AsType[*problem.Unreachable](err)
	return unreachable || problem.Is(err, problem.Unavailable) || problem.Is(err, problem.TooMany)
}

// bar is where a progress bar may be drawn.
func (a *app) bar() io.Writer {
	if a.json {
		return io.Discard
	}
	return a.err
}

// progress is a bar on a terminal, or nothing.
type progress struct {
	bar *progressbar.ProgressBar
}

// barSteps is the resolution of the bar.
const barSteps = 1000

func newProgress(w io.Writer) *progress {
	if !terminal(w) {
		return &progress{}
	}
	return &progress{bar: progressbar.NewOptions(barSteps,
		progressbar.OptionSetWriter(w),
		progressbar.OptionSetDescription("queued"),
		progressbar.OptionSetWidth(40),
		progressbar.OptionClearOnFinish(),
		progressbar.OptionSetPredictTime(false),
		progressbar.OptionSetElapsedTime(true),
	)}
}

func (p *progress) wait() time.Duration {
	if p.bar == nil {
		return watchLong
	}
	return watchShort
}

func (p *progress) show(j job.Job) {
	if p.bar == nil {
		return
	}
	p.bar.Describe(texttable.Printable(string(j.State)))
	_ = p.bar.Set(int(j.Progress * barSteps))
}

func (p *progress) finish() {
	if p.bar != nil {
		_ = p.bar.Finish()
	}
}
