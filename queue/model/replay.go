package model

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"foliocast/internal/history"
)

// Replayer replays histories on the model of a message. Not safe for concurrent use.
type Replayer struct{ verifier verifier }

// NewReplayer compiles the model in a folder that exists.
func NewReplayer(ctx context.Context, dir string) (*Replayer, error) {
	v, err := compile(ctx, dir, "replay.pml", nil, "-O0", "-DSAFETY", "-DNOREDUCE", "-DMEMLIM=4000")
	return &Replayer{v}, err
}

// Replayed is what came of a history.
type Replayed struct {
	Messages   int
	Requests   int      // about them
	Violations []string // a sentence for each message that the model does not explain
}

// Replay looks for an order of the requests about each message in which they happen between
// their beginning and their end, and the model answers them as they were answered. The
// history's first line must have the number of attempts.
func (r *Replayer) Replay(ctx context.Context, events []history.Event) (Replayed, error) {
	var all Replayed
	t, err := translate(events)
	if err != nil {
		return all, fmt.Errorf("translate a history: %w", err)
	}
	if len(t.lives) == 0 {
		return all, nil
	}
	if err := os.WriteFile(filepath.Join(r.verifier.dir, "history"), []byte(t.text()), 0o600); err != nil {
		return all, err
	}
	out, err := r.verifier.run(ctx, "./pan", "-E", "-m100000", "-w20")
	if err == nil {
		err = exhausted(out)
	}
	if err != nil {
		return all, fmt.Errorf("replay a history: %w", err)
	}
	for line := range strings.Lines(out) {
		var at, stop int
		if n, _ := fmt.Sscanf(line, "life %d stops at %d", &at, &stop); n == 2 {
			l := t.lives[at]
			all.Violations = append(all.Violations, fmt.Sprintf("the model has no order of the requests about message %s that explains their answers: no place for %s", l.id, l.answered[stop]))
		}
	}
	all.Messages = len(t.lives)
	for _, l := range t.lives {
		all.Requests += len(l.answered) + len(l.unanswered)
	}
	return all, nil
}
