package console

import (
	"sync"
	"time"

	"foliocast/internal/problem"
)

// streams counts the open streams of the console, of all users and of each. Safe for concurrent use.
type streams struct {
	mu  sync.Mutex
	all int
	of  map[string]int // by subject
}

// begin counts one more, until end is called, unless there are too many.
func (s *streams) begin(subject string) (end func(), err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.of[subject] >= mostOfUser || s.all >= mostStreams {
		return nil, problem.New(problem.TooMany, "too many pages follow the workers: close some").RetryAfter(5 * time.Second)
	}
	if s.of == nil {
		s.of = map[string]int{}
	}
	s.all++
	s.of[subject]++
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.all--
		if s.of[subject]--; s.of[subject] == 0 {
			delete(s.of, subject)
		}
	}, nil
}
