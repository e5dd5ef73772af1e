package up

import (
	"context"
	"os/exec"
	"syscall"
	"time"
)

// part is one supervised program.
type part struct {
	name     string
	url      string                      // where it answers; empty for none
	command  func() (*exec.Cmd, error)   // a fresh command for each start
	ready    func(context.Context) error // nil when it does its work; the error says what is missing
	readyLog string                      // what its log says when it does its work; empty where ready asks it
	stop     []step                      // how it is stopped; SIGKILL follows by itself
	orphaned syscall.Signal              // what it gets when the supervisor dies
}

// step is one attempt to end a process: a signal, and how long it may take.
type step struct {
	signal   syscall.Signal
	patience time.Duration
}

// pace is how fast a part that dies is started again: after first, then twice
// as long each time up to most, and after first again when it lived for healthy.
type pace struct {
	first, most, healthy time.Duration
}

func normalPace() pace {
	return pace{first: 100 * time.Millisecond, most: 5 * time.Second, healthy: 10 * time.Second}
}

// after is the delay that follows one of delay, when the process lived for lived.
func (p pace) after(delay, lived time.Duration) time.Duration {
	switch {
	case delay == 0 || lived >= p.healthy:
		return p.first
	default:
		return min(2*delay, p.most)
	}
}

// title is the part as a sentence begins with it.
func (p part) title() string {
	if p.url == "" {
		return p.name
	}
	return p.name + " at " + p.url
}
