package model

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// verifier is a model, compiled for one search.
type verifier struct {
	t      *testing.T
	dir    string
	model  string
	macros []string
}

// compile makes a verifier of a model with the macros; options are gcc's.
func compile(t *testing.T, model string, macros []string, options ...string) verifier {
	t.Helper()
	source, err := filepath.Abs(model)
	if err != nil {
		t.Fatal(err)
	}
	v := verifier{t: t, dir: t.TempDir(), model: source}
	for _, m := range macros {
		v.macros = append(v.macros, "-D"+m)
	}
	v.run("spin", append(append([]string{"-a"}, v.macros...), source)...)
	v.run("gcc", append(options, "-w", "-DVECTORSZ=2048", "-o", "pan", "pan.c")...)
	return v
}

// run runs a program in the verifier's folder, and returns what it writes.
func (v verifier) run(name string, args ...string) string {
	v.t.Helper()
	ctx, stop := context.WithTimeout(v.t.Context(), 30*time.Minute)
	defer stop()
	if strings.HasPrefix(name, "./") {
		name = filepath.Join(v.dir, name)
	}
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = v.dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		v.t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return string(out)
}

// large reports whether the models are to be searched with their large bounds.
func large() bool { return os.Getenv("FOLIOCAST_MODEL") == "large" }

// optimise is gcc's option: compiling well takes longer than the small searches.
func optimise() string {
	if large() {
		return "-O2"
	}
	return "-O0"
}

var (
	clean   = regexp.MustCompile(`errors: 0\b`)
	figures = regexp.MustCompile(`(?m)^.*(?:states, stored|total actual memory usage|elapsed time).*$`)
)

// complete fails unless a search went through all states and found no error.
func (v verifier) complete(out string) {
	v.t.Helper()
	for _, bad := range []string{"max search depth too small", "Search not completed", "out of memory", "VECTORSZ"} {
		if strings.Contains(out, bad) {
			v.t.Fatalf("the search is not complete:\n%s", out)
		}
	}
	if !clean.MatchString(out) {
		v.t.Fatalf("an error was found:\n%s", out)
	}
	for _, line := range figures.FindAllString(out, -1) {
		v.t.Log(strings.Join(strings.Fields(line), " "))
	}
}

// bounds are those of the searches, by the form of the test.
type bounds struct{ model, short, large string }

// TestNoStateBreaksARule goes through all states within the bounds: every rule holds in
// each, and nobody is stuck.
func TestNoStateBreaksARule(t *testing.T) {
	t.Parallel()
	for _, b := range []bounds{
		{"lease.pml", "RETRIES=0 BEATS=0 LATE=0", ""},
		{"lease.pml", "RETRIES=0 BEATS=0 ERRORS=0 RELEASES=0", "MESSAGES=2 ATTEMPTS=2 RETRIES=0 BEATS=0 RELEASES=0 LATE=0 ERRORS=0"},
		{"doubt.pml", "FAULTS=1 FAILURES=0 PUTS=1", ""},
		{"doubt.pml", "FAULTS=1 FAILURES=0 STALLS=0", "RUNS=3 FAULTS=1 STALLS=0 FAILURES=0"},
	} {
		macros := b.short
		if large() {
			macros = b.large
		}
		t.Run(b.model+" "+macros, func(t *testing.T) {
			t.Parallel()
			v := compile(t, b.model, strings.Fields(macros), optimise(), "-DSAFETY", "-DNOCLAIM")
			v.complete(v.run("./pan", "-m100000", "-w20"))
		})
	}
}

// TestEverythingEndsAtLast looks for a run that goes on for ever without an end of the message or
// the job, although everybody who can do something does so at last. That nothing stops too early
// is a rule.
func TestEverythingEndsAtLast(t *testing.T) {
	t.Parallel()
	for _, b := range []bounds{
		{"lease.pml", "BEATS=0 RETRIES=0 LATE=0 ERRORS=0 RELEASES=0 DEALS=0", "BEATS=0 RETRIES=0 LATE=0"},
		{"doubt.pml", "FAULTS=1 PUTS=1 FAILURES=0 STALLS=0 DELETES=0", "FAULTS=1 PUTS=1 FAILURES=0 STALLS=0"},
	} {
		macros := b.short
		if large() {
			macros = b.large
		}
		t.Run(b.model+" "+macros, func(t *testing.T) {
			t.Parallel()
			v := compile(t, b.model, strings.Fields(macros), optimise(), "-DNFAIR=3")
			v.complete(v.run("./pan", "-a", "-f", "-m200000", "-w20"))
		})
	}
}

// broken are the models without one rule each, and what then goes wrong.
var broken = []struct{ model, macro, sentence string }{
	{"lease.pml", "NO_FENCING REPLACES=0", "only the greatest token changes a message"},
	{"lease.pml", "UNSETTLED", "a result is of the content that is shown"},
	{"lease.pml", "TOKEN_KEPT", "a new lease has a greater token than all before"},
	{"lease.pml", "ANY_HEARTBEAT", "only the holder of the greatest token is told that it has the lease"},
	{"lease.pml", "RELEASE_TWICE", "each lease counts as one attempt at most, and a returned one as none"},
	{"lease.pml", "COUNTED_TWICE", "each lease counts as one attempt at most, and a returned one as none"},
	{"lease.pml", "UNSHARED", "a message that waits is in a queue that exists"},
	{"lease.pml", "DEAL_LEASED", "a leased message stays in its queue"},
	{"lease.pml", "NO_SWEEPER DEALS=0 LATE=0 CANCELS=0 LOST=0", "everything ends at last"},
	{"doubt.pml", "NO_DOUBT", "somebody waits for each message, or cancels it"},
	{"doubt.pml", "NO_DOUBT DELETES=0", "the result is of the specification that is shown"},
	{"doubt.pml", "ANY_RUN", "the result is of the specification that is shown"},
	{"doubt.pml", "EAGER_CANCEL", "somebody waits for each message, or cancels it"},
}

// TestBrokenModelsFail finds the shortest way by which each broken model breaks the rule,
// and README.md shows it.
func TestBrokenModelsFail(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range broken {
		t.Run(b.macro, func(t *testing.T) {
			t.Parallel()
			v := compile(t, b.model, strings.Fields(b.macro), "-O0", "-DSAFETY", "-DNOCLAIM", "-DBFS")
			v.run("./pan", "-w20")
			story := v.story()
			if !strings.HasSuffix(story, "broken: "+b.sentence) {
				t.Fatalf("found another error than that %s does not hold:\n%s", b.sentence, story)
			}
			if !strings.Contains(string(page), story) {
				t.Errorf("README.md does not show this counterexample:\n%s", story)
			}
		})
	}
}

// story replays the counterexample that was found: what the model says on the way.
func (v verifier) story() string {
	v.t.Helper()
	trail, err := filepath.Glob(filepath.Join(v.dir, "*.trail"))
	if err != nil || len(trail) != 1 {
		v.t.Fatalf("there is no counterexample: %v, %v", trail, err)
	}
	ctx, stop := context.WithTimeout(v.t.Context(), time.Minute)
	defer stop()
	args := append([]string{"-B", "-u1000", "-k", trail[0]}, v.macros...)
	cmd := exec.CommandContext(ctx, "spin", append(args, v.model)...)
	cmd.Dir = v.dir
	out, _ := cmd.Output() // its status is that of the assertion, which fails
	var lines []string
	for line := range strings.Lines(string(out)) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "ltl ") {
			continue
		}
		lines = append(lines, line)
		if strings.HasPrefix(line, "broken: ") {
			break
		}
	}
	return strings.Join(lines, "\n")
}
