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
	ready    func(context.Context) error // nil when it does its work; the error says what is missing
	stop     []step                      // how it is stopped; SIGKILL follows by itself
	orphaned syscall.Signal              // what it gets when the supervisor dies
}

// step is one attempt to end a process: a signal, and how long it may take.
type step struct {
	signal   syscall.Signal
	patience time.Duration
}

// restarts says how long to wait before a part that died is started again:
// twice as long after each death, and as long as after the first one when the
// part had been healthy.
type restarts struct {
	waits   *backoff.ExponentialBackOff
	healthy time.Duration // how long a part lives that is healthy
}

// newRestarts waits without jitter: a supervisor restarts the few parts of one
// machine, which have no herd to disperse.
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

// next returns the wait after a part that died at the age of lived.
func (r restarts) next(lived time.Duration) time.Duration {
	if lived >= r.healthy {
		r.waits.Reset()
	}
	return r.waits.NextBackOff()
}

// title is the part as a sentence begins with it.
func (p part) title() string {
	if p.url == "" {
		return p.name
	}
	return p.name + " at " + p.url
}
