package worker_test

import (
	"sync/atomic"
	"testing"

	"foliocast/internal/job"
	"foliocast/internal/problem"
)

// Neither the identity service nor a proxy says anything about a result or a dataset: what they refuse is tried again.
func TestOthersDoNotDecideAboutResults(t *testing.T) {
	t.Parallel()
	for name, refusal := range map[string]error{
		"no token": &problem.Unsent{Err: problem.New(problem.Malformed, "the identity service does not understand")},
		"a proxy":  problem.New(problem.NotFound, "answered 404: <html>").Because(problem.ErrForeign),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newDataService(t, 2, 30)
			s.fault = func(n int64) ([]byte, error) {
				if n == 1 {
					return nil, refusal
				}
				return nil, nil
			}
			q := newFakeQueue(t, s.task("a", nil))
			var completions atomic.Int64
			q.fault = func(call string, after bool) error {
				if call == "complete" && !after && completions.Add(1) == 1 {
					return refusal
				}
				return nil
			}
			drain(t, q, s)
			if a := q.answer(0); a.State != job.Done {
				t.Errorf("the job ended as %s", a.State)
			}
		})
	}
}
