package foliocast

import (
	"errors"
	"fmt"
	"strings"

	"foliocast/foliocast/up"
	"foliocast/internal/job"
	"foliocast/internal/problem"
)

// The exit codes, as exitHelp documents them.
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

// exitMeanings are the exit codes as the help explains them.
func exitMeanings() []struct {
	code    int
	meaning string
} {
	return []struct {
		code    int
		meaning string
	}{
		{exitOK, "done"},
		{exitFailure, "something failed that is not the caller's fault"},
		{exitUsage, "wrong arguments, or input that the service refuses"},
		{exitDenied, "not signed in, or not allowed"},
		{exitNotFound, "not found"},
		{exitConflict, "conflict: it exists already, or its state does not allow it"},
		{exitUnreachable, "a service does not answer"},
		{exitJobEnded, "the job, or one of the batch, ended as failed, dead or cancelled"},
		{exitInterrupted, "interrupted"},
	}
}

// exitMeaning is what an exit code means.
func exitMeaning(code int) string {
	for _, e := range exitMeanings() {
		if e.code == code {
			return e.meaning
		}
	}
	return exitMeaning(exitFailure)
}

// exitHelp is the table of the exit codes.
func exitHelp() string {
	var b strings.Builder
	b.WriteString("\nExit codes:\n")
	for _, e := range exitMeanings() {
		fmt.Fprintf(&b, "%3d  %s\n", e.code, e.meaning)
	}
	return b.String()
}

// usageError is a wrong command line, or wrong input.
type usageError struct{ err error }

func (u *usageError) Error() string { return u.err.Error() }
func (u *usageError) Unwrap() error { return u.err }

func usagef(format string, args ...any) error {
	return &usageError{err: fmt.Errorf(format, args...)}
}

func notFoundf(format string, args ...any) error {
	return problem.Newf(problem.NotFound, format, args...)
}

// jobEnded says that a job was waited for and ended without a forecast.
type jobEnded struct{ job job.Job }

func (j *jobEnded) Error() string {
	s := fmt.Sprintf("job %s ended as %s", j.job.ID, j.job.State)
	if j.job.Error != nil {
		s += ": " + j.job.Error.Detail
	}
	return s
}

// batchEnded is the end of a batch some of whose jobs have no forecast.
type batchEnded struct{ batch job.Batch }

func (b *batchEnded) Error() string {
	return fmt.Sprintf("%d of the %d jobs of batch %s failed, died or were cancelled", b.batch.Counts.Bad(), b.batch.Size, b.batch.ID)
}

// interrupted is Ctrl-C or SIGTERM.
type interrupted struct {
	advice string // what to do next; may be empty
	job    job.ID // that was waited for; may be empty
}

func (*interrupted) Error() string { return "interrupted" }

// exitCode is what the shell gets for err.
func exitCode(err error) int {
	if err == nil {
		return exitOK
	}
	if _, ok := errors.AsType[*interrupted](err); ok {
		return exitInterrupted
	}
	if s, ok := errors.AsType[*reported](err); ok && s.code > 0 {
		return s.code
	}
	if _, ok := errors.AsType[*usageError](err); ok {
		return exitUsage
	}
	if _, ok := errors.AsType[*jobEnded](err); ok {
		return exitJobEnded
	}
	if _, ok := errors.AsType[*batchEnded](err); ok {
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
	case problem.Malformed, problem.Invalid, problem.TooLarge, problem.UnsupportedMedia, problem.NotAcceptable, problem.PreconditionRequired:
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
