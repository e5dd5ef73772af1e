package model

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// compiled is a model compiled for one search, in a test.
type compiled struct {
	t *testing.T
	verifier
}

// prepare compiles a model with the macros; options are gcc's.
func prepare(t *testing.T, model string, macros []string, options ...string) compiled {
	t.Helper()
	v, err := compile(t.Context(), t.TempDir(), model, macros, options...)
	if err != nil {
		t.Fatal(err)
	}
	return compiled{t, v}
}

// search runs the verifier and returns what it writes.
func (c compiled) search(args ...string) string {
	c.t.Helper()
	ctx, stop := context.WithTimeout(c.t.Context(), 30*time.Minute)
	defer stop()
	out, err := c.run(ctx, "./pan", args...)
	if err != nil {
		c.t.Fatal(err)
	}
	return out
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

var figures = regexp.MustCompile(`(?m)^.*(?:depth reached|states, stored|actual memory usage for states|elapsed time).*$`)

// complete fails unless a search went through all states and found no error.
func (c compiled) complete(out string) {
	c.t.Helper()
	if err := exhausted(out); err != nil {
		c.t.Fatal(err)
	}
	for _, line := range figures.FindAllString(out, -1) {
		c.t.Log(strings.Join(strings.Fields(line), " "))
	}
}

// bounds are those of a search in the short form and in the large one, "" for the defaults. A
// search that is only large has none for the short form.
type bounds struct{ model, short, large string }

const onlyLarge = "-"

// run searches in the present form; options are gcc's.
func (b bounds) run(t *testing.T, search string, options ...string) {
	macros := b.short
	options = append(options, optimise())
	if large() {
		macros = b.large
		options = append(options, "-DCOLLAPSE", "-DMEMLIM=7500")
	}
	if macros == onlyLarge {
		return
	}
	t.Run(b.model+" "+macros, func(t *testing.T) {
		if !large() {
			t.Parallel()
		}
		c := prepare(t, b.model, strings.Fields(macros), options...)
		args := strings.Fields(search)
		if large() {
			args = append(args, "-m3000000", "-w26")
		}
		c.complete(c.search(args...))
	})
}

// TestNoStateBreaksARule goes through all states within the bounds: every rule holds in
// each, and nobody is stuck.
func TestNoStateBreaksARule(t *testing.T) {
	if !large() {
		t.Parallel()
	}
	for _, b := range []bounds{
		{"lease.pml", "RETRIES=0 BEATS=0 LATE=0", ""},
		{"lease.pml", "RETRIES=0 BEATS=0 ERRORS=0 RELEASES=0", "MESSAGES=2 BEATS=0 LATE=0 ERRORS=0 RETRIES=0"},
		{"doubt.pml", "FAULTS=1 FAILURES=0 PUTS=1", ""},
		{"doubt.pml", "FAULTS=1 FAILURES=0 STALLS=0", "RUNS=3 FAULTS=1 STALLS=0 FAILURES=0"},
		{"deal.pml", "", "UPLOADS=2 CHANGES=2 CLAIMS=2"},
		{"deal.pml", onlyLarge, "MESSAGES=2 UPLOADS=2 STEP=1 CHANGES=2 CLAIMS=2"},
		{"owners.pml", "", "OWNERS=3"},
		{"owners.pml", "OWNERS=3 LOOK=1 BATCH=1", "OWNERS=3 LOOK=2 SINGLE=0"},
		{"owners.pml", "MAXIMUM=3", "MAXIMUM=4 OWNERS=3"},
		{"owners.pml", "WEIGHT=2 BATCH=1", "WEIGHT=3 OWNERS=3"},
	} {
		b.run(t, "-m100000 -w20", "-DSAFETY", "-DNOCLAIM")
	}
}

// TestEverythingEndsAtLast looks for a run that goes on for ever in which a message or job does not
// end, a dealing does not, or a single message of an owner is not leased, although everybody
// who can do something does so at last. That nothing stops too early is a rule.
func TestEverythingEndsAtLast(t *testing.T) {
	if !large() {
		t.Parallel()
	}
	for _, b := range []bounds{
		{"lease.pml", "BEATS=255 RETRIES=0 LATE=0 ERRORS=0 RELEASES=0", "BEATS=255 RETRIES=0 LATE=0"},
		{"doubt.pml", "FAULTS=1 PUTS=1 FAILURES=0 STALLS=0 DELETES=0", "FAULTS=1 PUTS=1 FAILURES=0 STALLS=0"},
		{"deal.pml", "", "UPLOADS=2 CLAIMS=2"},
		{"owners.pml", "", "OWNERS=3 LOOK=2"},
	} {
		b.run(t, "-a -f -m200000 -w20", "-DNFAIR=3")
	}
}

// broken are the models without one rule each, and what then goes wrong.
var broken = []struct{ model, macros, sentence string }{
	{"lease.pml", "NO_FENCING REPLACES=0", "only the greatest token changes a message"},
	{"lease.pml", "UNSETTLED", "a result is of the content that is shown"},
	{"lease.pml", "TOKEN_KEPT", "a new lease has a greater token than all before"},
	{"lease.pml", "ANY_HEARTBEAT", "only the holder of the greatest token is told that it has the lease"},
	{"lease.pml", "RELEASE_TWICE", "each lease counts as one attempt at most, and a returned one as none"},
	{"lease.pml", "COUNTED_TWICE", "each lease counts as one attempt at most, and a returned one as none"},
	{"lease.pml", "NO_SWEEPER LATE=0 CANCELS=0 LOST=0", "everything ends at last"},
	{"doubt.pml", "NO_DOUBT", "somebody waits for each message, or cancels it"},
	{"doubt.pml", "NO_DOUBT DELETES=0", "the result is of the specification that is shown"},
	{"doubt.pml", "ANY_RUN", "the result is of the specification that is shown"},
	{"doubt.pml", "EAGER_CANCEL", "somebody waits for each message, or cancels it"},
	{"deal.pml", "UNLOCKED", "the next upload goes to the queue whose turn it is"},
	{"deal.pml", "LAST_UNLOCKED", "the next upload goes to the queue whose turn it is"},
	{"deal.pml", "OLD_QUEUES", "the next upload goes to the queue whose turn it is"},
	{"deal.pml", "TURN_KEPT MESSAGES=4 UPLOADS=0", "message i of the upload order is in queue i mod n"},
	{"deal.pml", "CURSOR_FIRST", "no message waits in a queue that was removed"},
	{"deal.pml", "UNSHARED UPLOADS=0", "no message waits in a queue that was removed"},
	{"deal.pml", "DEAL_LEASED", "a leased message stays in its queue"},
	{"deal.pml", "CLAIMS_COME_BETWEEN", "a claim takes what was uploaded first"},
	{"deal.pml", "ONE_INSTANCE UPLOADS=0 PAUSES=0 CLAIMS=0", "a dealing ends"},
	{"owners.pml", "PRIORITIES", "a single message waits for one claim, at most, for each other owner"},
	{"owners.pml", "EARLIEST BATCH=1 WORKERS=1", "a single message waits for one claim, at most, for each other owner"},
	{"owners.pml", "NO_CIRCLE LOOK=1", "a single message waits for one claim, at most, for each other owner"},
	{"owners.pml", "COUNTS_ITSELF WEIGHT=2 BATCH=1 WORKERS=1", "a single message waits for one claim, at most, for each other owner"},
	{"owners.pml", "TOGETHER MAXIMUM=3", "no more than the maximum of an owner is leased"},
}

// TestBrokenModelsFail finds the shortest way by which each broken model breaks the rule,
// and README.md shows it.
func TestBrokenModelsFail(t *testing.T) {
	t.Parallel()
	for _, b := range broken {
		t.Run(b.macros, func(t *testing.T) {
			t.Parallel()
			c := prepare(t, b.model, strings.Fields(b.macros), "-O0", "-DSAFETY", "-DNOCLAIM", "-DBFS")
			c.search("-w20")
			story := c.story()
			if !strings.HasSuffix(story, "broken: "+b.sentence) {
				t.Fatalf("found another error than that %s does not hold:\n%s", b.sentence, story)
			}
			shown(t, story)
		})
	}
}

// endless are the models without one rule each that go on for ever.
var endless = []struct{ model, macros string }{
	{"lease.pml", "NO_SWEEPER BEATS=255 LATE=0 CANCELS=0 LOST=0 RETRIES=0 ERRORS=0 RELEASES=0 REPLACES=0"},
	{"doubt.pml", "KNOWN_REFUSED FAULTS=1 PUTS=0 DELETES=0 FAILURES=0 STALLS=0"},
	{"deal.pml", "ALWAYS_ANEW UPLOADS=0 PAUSES=0 CLAIMS=0 RETURNS=0 DEATHS=0 CRASHES=0"},
	{"owners.pml", "PRIORITIES BATCH=1 WORKERS=1"},
}

// TestEndlessModelsFail finds a run of each such model that goes on for ever, though everybody
// acts at last, and README.md shows it: the search that TestEverythingEndsAtLast does can fail.
func TestEndlessModelsFail(t *testing.T) {
	t.Parallel()
	for _, b := range endless {
		t.Run(b.macros, func(t *testing.T) {
			t.Parallel()
			c := prepare(t, b.model, strings.Fields(b.macros), "-O0", "-DNFAIR=3")
			c.search("-A", "-a", "-f", "-m200000", "-w20")
			story := c.story()
			if !strings.Contains(story, "\nagain and again:") {
				t.Fatalf("found no run without an end:\n%s", story)
			}
			shown(t, story)
		})
	}
}

// shown fails unless README.md has the counterexample.
func shown(t *testing.T, story string) {
	t.Helper()
	page, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(page), "```\n"+story+"\n```") {
		t.Errorf("README.md does not show this counterexample:\n%s", story)
	}
}

// story replays the counterexample that was found: what the model says on the way, to the
// rule that it breaks, or around the circle that it never leaves.
func (c compiled) story() string {
	c.t.Helper()
	trail, err := filepath.Glob(filepath.Join(c.dir, "*.trail"))
	if err != nil || len(trail) != 1 {
		c.t.Fatalf("there is no counterexample: %v, %v", trail, err)
	}
	ctx, stop := context.WithTimeout(c.t.Context(), time.Minute)
	defer stop()
	args := append([]string{"-B", "-u1000", "-k", trail[0]}, c.macros...)
	cmd := exec.CommandContext(ctx, "spin", append(args, c.model)...)
	cmd.Dir = c.dir
	out, _ := cmd.Output() // its status is that of the assertion, which fails
	text := string(out)
	circle := strings.Contains(text, startOfCycle)
	var lines []string
	part := 0 // before the circle, or in it: a story without an end has each line once in each
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		switch {
		case line == "", strings.HasPrefix(line, "ltl "), strings.HasPrefix(line, "Never claim"), strings.HasPrefix(line, "spin: "),
			circle && (strings.HasPrefix(line, "broken: ") || slices.Contains(lines[part:], line)):
			continue
		case line == startOfCycle:
			line, part = "again and again:", len(lines)+1
		}
		lines = append(lines, line)
		if strings.HasPrefix(line, "broken: ") {
			break
		}
	}
	return strings.Join(lines, "\n")
}

const startOfCycle = "<<<<<START OF CYCLE>>>>>"
