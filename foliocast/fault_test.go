package foliocast

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// The state directory is named first, even when nothing comes up.
func TestUpSaysWhereItsStateIs(t *testing.T) {
	t.Parallel()
	p := &person{t: t, env: map[string]string{"FOLIOCAST_STATE": "/dev/null/state"}}
	p.types("", "up", "--port-base", "1").check(t, exitFailure, "", "the state is in /dev/null/state\n")
}

// A detached start that fails says so on the person's terminal, in JSON where
// that was asked for.
func TestADetachedStartReportsWhyItFailed(t *testing.T) {
	t.Parallel()
	text := detachedReport(t)
	if !strings.Contains(text, "\nfoliocast: ") {
		t.Errorf("the report is %q", text)
	}
	var f failure
	lines := strings.Split(strings.TrimSpace(detachedReport(t, "--json")), "\n")
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &f); err != nil || f.Detail == "" || f.ExitCode != exitFailure {
		t.Errorf("%v: the report ends with %q", err, lines[len(lines)-1])
	}
	for _, l := range lines[:len(lines)-1] {
		var n note
		if err := json.Unmarshal([]byte(l), &n); err != nil || n.Note == "" {
			t.Errorf("%v: %q", err, l)
		}
	}
}

// detachedReport is what the child of up --detach reports to its parent when
// the state directory cannot be made.
func detachedReport(t *testing.T, flags ...string) string {
	t.Helper()
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer read.Close()
	fd, err := syscall.Dup(int(write.Fd()))
	if err != nil {
		t.Fatal(err)
	}
	p := &person{t: t, env: map[string]string{}}
	p.types("", append(flags, "up", "--state", "/dev/null/state", "--report-fd", strconv.Itoa(fd))...)
	write.Close()
	report := make([]byte, 10_000) // all of it is in the pipe
	n, err := read.Read(report)
	if err != nil {
		t.Fatal(err)
	}
	return string(report[:n])
}

func TestAnEmptyStateIsNotTheDefault(t *testing.T) {
	t.Parallel()
	p := &person{t: t, env: map[string]string{}}
	p.types("", "down", "--state", "").check(t, exitUsage, "", "--state must name a directory, but is empty")
	p.types("", "login", "--state", t.TempDir()).check(t, exitUsage, "", "there is no administrator in")
}

// full refuses every write, like a full disk.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left on device") }

func TestAnAnswerThatCannotBePrintedIsAFailure(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"version"}, {"version", "--json"}} {
		var errs bytes.Buffer
		a := &app{in: strings.NewReader(""), out: full{}, err: &errs, version: "test", env: func(string) string { return "" }}
		if code := a.run(t.Context(), args); code != exitFailure || !strings.Contains(errs.String(), "no space left") {
			t.Errorf("%v: code %d, stderr %q", args, code, errs.String())
		}
	}
}

// A read that waits for a person ends with an interrupt.
func TestAnInterruptEndsTheWaitForInput(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{
		{"login", "--username", "ann", "--password-stdin"},
		{"job", "submit", "--file", "-"},
	} {
		in, person := io.Pipe() // and nothing ever comes
		defer person.Close()
		ctx, interrupt := context.WithCancel(t.Context())
		var errs bytes.Buffer
		env := map[string]string{"XDG_CONFIG_HOME": t.TempDir()}
		a := &app{in: in, out: io.Discard, err: &errs, env: func(k string) string { return env[k] }}
		go interrupt()
		if code := a.run(ctx, args); code != exitInterrupted {
			t.Errorf("%v: code %d, stderr %q", args, code, errs.String())
		}
	}
}
