package serve

import (
	"sync"

	"foliocast/internal/problem"
)

// Tally counts what is under way for long, such as uploads and streams, of all callers and of each. Safe for concurrent use.
// The zero value is ready.
type Tally struct {
	mu  sync.Mutex
	all int
	of  map[string]int // by subject
}

// Begin counts one more of a subject, until the function that it returns is called. Without one it
// refuses: with TooMany when the subject has mine, and with Unavailable when all together have most.
// 0 bounds nothing.
func (t *Tally) Begin(subject string, mine, most int) (end func(), refused problem.Kind) {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case mine > 0 && t.of[subject] >= mine:
		return nil, problem.TooMany
	case most > 0 && t.all >= most:
		return nil, problem.Unavailable
	}
	if t.of == nil {
		t.of = map[string]int{}
	}
	t.all++
	t.of[subject]++
	return func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		t.all--
		if t.of[subject]--; t.of[subject] == 0 {
			delete(t.of, subject)
		}
	}, ""
}

// All is how many are under way.
func (t *Tally) All() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.all
}
