package main

import (
	"errors"
	"fmt"
	"strings"

	"foliocast/foliocast/up"
	"foliocast/internal/job"
	"foliocast/internal/problem"
)

// The exit codes, as exitCodes documents them.
const (
	exitOK          = 0
	exitFailure     = 1
	exitUsage       = 2
	exitDenied      = 3
	exitNotFound    = 4
	exitConflict    = 5
	exitUnreachable = 6
	exitJobEnded    = 7
	exitInterrupted = 130
)

const exitCodes = `
Exit codes:
  0  done
  1  something failed that is not the caller's fault
  2  wrong arguments, or input that the service refuses
  3  not signed in, or not allowed
  4  no such thing
  5  the state of the thing does not allow it
  6  a service does not answer
  7  the job ended as failed, dead or cancelled
130  interrupted
`

// usageError is a command line that cannot be read, or input that is wrong.
type usageError struct{ err error }

func (u *usageError) Error() string { return u.err.Error() }
func (u *usageError) Unwrap() error { return u.err }

func usagef(format string, args ...any) error {
	return &usageError{err: fmt.Errorf(format, args...)}
}

func notFoundf(format string, args ...any) error {
	return problem.Newf(problem.NotFound, format, args...)
}

// jobEnded says that a job that was waited for has no forecast.
type jobEnded struct{ job job.Job }

func (j *jobEnded) Error() string {
	s := fmt.Sprintf("job %s ended as %s", j.job.ID, j.job.State)
	if j.job.Error != nil {
		s += ": " + j.job.Error.Detail
	}
	return s
}

// errInterrupted is Ctrl-C or SIGTERM.
var errInterrupted = errors.New("interrupted")

// exitCode is what the shell gets for err.
func exitCode(err error) int {
	if err == nil {
		return exitOK
	}
	if errors.Is(err, errInterrupted) {
		return exitInterrupted
	}
	if s, ok := errors.AsType[*saidAlready](err); ok && s.code > 0 {
		return s.code
	}
	if _, ok := errors.AsType[*usageError](err); ok {
		return exitUsage
	}
	if _, ok := errors.AsType[*jobEnded](err); ok {
		return exitJobEnded
	}
	if _, ok := errors.AsType[*problem.Unreachable](err); ok {
		return exitUnreachable
	}
	if _, ok := errors.AsType[*up.Running](err); ok {
		return exitConflict
	}
	if p, ok := errors.AsType[*problem.Problem](err); ok {
		return problemCode(p)
	}
	if code := slurmCode(err); code != exitOK {
		return code
	}
	return exitFailure
}

func problemCode(p *problem.Problem) int {
	switch p.Kind() {
	case problem.Malformed, problem.Invalid, problem.TooLarge, problem.Media, problem.NotAccepted, problem.NoMatch:
		return exitUsage
	case problem.Unauthorized, problem.Forbidden:
		return exitDenied
	case problem.NotFound:
		return exitNotFound
	case problem.Conflict, problem.Stale:
		return exitConflict
	case problem.Unavailable:
		return exitUnreachable
	}
	return exitFailure
}

// explain tells the person what went wrong and what to do.
func (a *app) explain(err error) {
	if err == nil {
		return
	}
	if u, ok := errors.AsType[*problem.Unreachable](err); ok {
		var known addresses
		if v, err := a.vault(); err == nil {
			known, _ = a.addresses(v)
		}
		name, base := known.serviceName(u.URL)
		line(a.err, "foliocast: %s at %s does not answer: %v", name, base, u.Err)
		line(a.err, "Start it with foliocast up, or name its address with --state, --url, --auth-url or --queue-url.")
		return
	}
	if p, ok := errors.AsType[*problem.Problem](err); ok {
		explainProblem(a, p)
		return
	}
	if s, ok := errors.AsType[*saidAlready](err); ok && s.code > 0 {
		return
	}
	line(a.err, "foliocast: %v", err)
	if u, ok := errors.AsType[*usageError](err); ok && !strings.Contains(u.Error(), "\n") {
		line(a.err, "See foliocast --help, or --help after any command.")
	}
}

// explainProblem prints a service's refusal, field by field.
func explainProblem(a *app, p *problem.Problem) {
	line(a.err, "foliocast: %s", p.Detail)
	for _, f := range p.Faults {
		line(a.err, "  %s", strings.TrimSpace(strings.TrimPrefix(f.Pointer, "/")+" "+f.Detail))
	}
	if p.Kind() == problem.Unauthorized {
		line(a.err, "Sign in with: foliocast login")
	}
	if p.RequestID != "" && p.Status >= 500 {
		line(a.err, "The request id is %s.", p.RequestID)
	}
}
