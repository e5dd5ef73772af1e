package up

import (
	"context"
	"os/exec"
	"syscall"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// part is one supervised program.
type part struct {
	name     string
	url      string                      // where it answers; empty for none
	command  func() (*exec.Cmd, error)   // a fresh command for each start
	ready    func(context.Context) error // nil once it is ready; the error says what is missing
	alive    func(context.Context) error // nil if it answers, ready or not
	stop     []step                      // how to stop it; SIGKILL follows if they fail
	orphaned syscall.Signal              // the signal that it gets when the supervisor dies
}

// step is one attempt to end a process: a signal, and how long it may take.
type step struct {
	signal   syscall.Signal
	patience time.Duration
}

// restarts says how long to wait before a part that died is started again. The wait
// doubles with each death, and starts over after a part that had been healthy.
type restarts struct {
	waits   *backoff.ExponentialBackOff
	healthy time.Duration // the age from which a part counts as healthy
}

// newRestarts waits without jitter: the few parts of one machine need not be spread
// out.
func newRestarts() restarts {
	return restarts{
		waits: &backoff.ExponentialBackOff{
			InitialInterval: 100 * time.Millisecond,
			Multiplier:      2,
			MaxInterval:     5 * time.Second,
		},
		healthy: 10 * time.Second,
	}
}

// next returns the wait after a part that died at the age lived.
func (r restarts) next(lived time.Duration) time.Duration {
	if lived >= r.healthy {
		r.waits.Reset()
	}
	return r.waits.NextBackOff()
}

// title is the name of the part at the beginning of a sentence.
func (p part) title() string {
	if p.url == "" {
		return p.name
	}
	return p.name + " at " + p.url
}
