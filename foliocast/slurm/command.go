package slurm

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"syscall"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// Commands runs Slurm's programs, each for a limited time: most of them wait
// for minutes when no controller answers.
type Commands struct {
	Environ []string      // of the programs; nil means this program's
	Timeout time.Duration // of one program; zero means 20 s
}

const (
	defaultTimeout = 20 * time.Second
	// stopTime is how long a program may take to end after SIGTERM.
	stopTime = 3 * time.Second
)

// NoAnswer says that a program of Slurm is missing, took too long, or got no
// answer from the controller.
type NoAnswer struct {
	Program string
	Cause   error
}

func (n *NoAnswer) Error() string { return fmt.Sprintf("%s: %v", n.Program, n.Cause) }

// Unwrap returns the cause.
func (n *NoAnswer) Unwrap() error { return n.Cause }

// Refused says that a program ended with an exit code other than 0.
type Refused struct {
	Program string
	Code    int
	Text    string // what it printed about it
}

func (r *Refused) Error() string {
	if r.Text == "" {
		return fmt.Sprintf("%s ended with %d and printed nothing", r.Program, r.Code)
	}
	return r.Text
}

// run runs one program and returns its standard output. When it fails, the error
// holds what it printed on standard error.
func (c Commands) run(ctx context.Context, stdin string, program string, args ...string) (string, error) {
	limit := c.Timeout
	if limit == 0 {
		limit = defaultTimeout
	}
	ctx, cancel := context.WithTimeoutCause(ctx, limit, fmt.Errorf("no answer within %s", limit))
	defer cancel()
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Env = c.Environ
	cmd.Stdin = strings.NewReader(stdin)
	// srun ends its job on SIGTERM, but cannot when it is killed.
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = stopTime
	var out, fault bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &fault
	err := cmd.Run()
	if ctx.Err() != nil {
		if cause := context.Cause(ctx); !errors.Is(cause, context.Canceled) {
			return out.String(), &NoAnswer{program, cause}
		}
		return out.String(), ctx.Err()
	}
	exit, ok := errors.AsType[*exec.ExitError](err)
	switch {
	case err == nil:
		return out.String(), nil
	case !ok:
		return "", &NoAnswer{program, err}
	}
	text := ErrorText(fault.String())
	if text == "" {
		text = ErrorText(out.String()) // where scontrol ping prints it
	}
	if unanswered(text) {
		return out.String(), &NoAnswer{program, errors.New(text)}
	}
	return out.String(), &Refused{program, exit.ExitCode(), text}
}

// ErrorText returns what a program of Slurm wrote to standard error, as one line,
// without the program's name and the mark before each message.
func ErrorText(stderr string) string {
	var parts []string
	for text := range strings.Lines(stderr) {
		text = strings.TrimSpace(text)
		program, rest, ok := strings.Cut(text, ": ")
		if ok && !strings.Contains(program, " ") {
			text = rest
		}
		text = strings.Trim(strings.TrimPrefix(strings.TrimPrefix(text, "error: "), "fatal: "), "* ")
		if strings.Trim(text, "* ") != "" {
			parts = append(parts, text)
		}
	}
	return short(strings.Join(parts, "; "))
}

// unanswered recognises the messages of Slurm's programs for a controller that
// does not answer. They have no exit code for it.
func unanswered(text string) bool {
	for _, sign := range []string{"contact slurm controller", "establish a configuration source", "process configuration file", "Socket timed out", " is DOWN"} {
		if strings.Contains(text, sign) {
			return true
		}
	}
	return false
}

// Submit hands a script to sbatch.
func (c Commands) Submit(ctx context.Context, script string) (JobID, error) {
	out, err := c.run(ctx, script, "sbatch", "--parsable")
	if err != nil {
		return "", fmt.Errorf("submit: %w", err)
	}
	return ParseSubmission(out)
}

// Job returns what Slurm knows of a job.
func (c Commands) Job(ctx context.Context, id JobID) (Job, error) {
	out, err := c.run(ctx, "", "scontrol", "show", "job", string(id))
	if err != nil {
		return Job{}, fmt.Errorf("ask for Slurm job %s: %w", id, err)
	}
	return ParseJob(out)
}

// Await waits until a job has ended, and calls changed with each new state. It
// asks often at first, then every few seconds. It asks again when the controller
// does not answer for a while; a job that the controller does not know is an
// error.
func (c Commands) Await(ctx context.Context, id JobID, changed func(Job)) (Job, error) {
	pause := backoff.NewExponentialBackOff()
	pause.InitialInterval, pause.Multiplier, pause.MaxInterval = 200*time.Millisecond, 2, 5*time.Second
	var last Job
	failures := 0
	for {
		j, err := c.Job(ctx, id)
		switch {
		case ctx.Err() != nil:
			return last, ctx.Err()
		case err != nil:
			_, unknown := errors.AsType[*Refused](err)
			if failures++; unknown || failures >= mostFailures {
				return last, err
			}
		default:
			failures = 0
			if j.State != last.State || j.Restarts != last.Restarts {
				changed(j)
			}
			if last = j; j.Final() {
				return j, nil
			}
		}
		select {
		case <-ctx.Done():
			return last, ctx.Err()
		case <-time.After(pause.NextBackOff()):
		}
	}
}

// mostFailures in a row make Await give up.
const mostFailures = 6
