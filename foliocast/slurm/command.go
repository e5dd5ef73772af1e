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

// Commands runs Slurm's programs, each bounded in time: without a controller
// that answers, most of them would wait for minutes.
type Commands struct {
	Environ  []string      // of the programs; nil means this program's
	Patience time.Duration // of one program; zero means patience
}

const (
	patience = 20 * time.Second
	// endTime is how long a program that is told to stop may take to do so.
	endTime = 3 * time.Second
)

// NoAnswer is a program of Slurm's that is missing, took too long, or got no
// answer from the controller.
type NoAnswer struct {
	Program string
	Cause   error
}

func (n *NoAnswer) Error() string { return fmt.Sprintf("%s: %v", n.Program, n.Cause) }

// Unwrap returns the cause.
func (n *NoAnswer) Unwrap() error { return n.Cause }

// Refused is a program that ended with an exit code other than 0.
type Refused struct {
	Program string
	Code    int
	Said    string
}

func (r *Refused) Error() string {
	if r.Said == "" {
		return fmt.Sprintf("%s ended with %d and said nothing", r.Program, r.Code)
	}
	return r.Said
}

// run runs one program and returns what it printed. What it says to the
// terminal is in the error when it fails.
func (c Commands) run(ctx context.Context, stdin string, program string, args ...string) (string, error) {
	limit := c.Patience
	if limit == 0 {
		limit = patience
	}
	ctx, cancel := context.WithTimeoutCause(ctx, limit, fmt.Errorf("no answer within %s", limit))
	defer cancel()
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Env = c.Environ
	cmd.Stdin = strings.NewReader(stdin)
	// srun takes its job with it when it is told to stop, and not when it is killed.
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = endTime
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
	said := Said(fault.String())
	if said == "" {
		said = Said(out.String()) // scontrol ping says it there
	}
	if unanswered(said) {
		return out.String(), &NoAnswer{program, errors.New(said)}
	}
	return out.String(), &Refused{program, exit.ExitCode(), said}
}

// Said is what a program of Slurm's wrote to its error stream, as one line
// without the marks that it writes before each.
func Said(stderr string) string {
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

// unanswered recognises what Slurm's programs say when no controller answers.
// They have no exit code for it.
func unanswered(said string) bool {
	for _, sign := range []string{"contact slurm controller", "establish a configuration source", "process configuration file", "Socket timed out", " is DOWN"} {
		if strings.Contains(said, sign) {
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

// Job asks for a job.
func (c Commands) Job(ctx context.Context, id JobID) (Job, error) {
	out, err := c.run(ctx, "", "scontrol", "show", "job", string(id))
	if err != nil {
		return Job{}, fmt.Errorf("ask for Slurm job %s: %w", id, err)
	}
	return ParseJob(out)
}

// Await asks for a job until it has ended, often at first and every five
// seconds in the end, and calls changed with each new state. A controller that
// is away for a while is asked again; a job that it does not know is an error.
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

// mostFailures in a row, and Await believes that Slurm will not answer again.
const mostFailures = 6
