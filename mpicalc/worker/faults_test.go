package worker_test

import (
	"errors"
	"math/rand/v2"

	"foliocast/internal/problem"
	"foliocast/queue/message"
)

// errConnection says that no answer arrived.
var errConnection = &problem.Unreachable{URL: "http://queue", Err: errors.New("connection reset")}

// failAtRandom makes calls fail, before they took effect or after, and garbles verdicts: some are missing, doubled, unknown
// or about other leases.
func (q *fakeQueue) failAtRandom(seed uint64) {
	random := rand.New(rand.NewPCG(seed, 7))
	q.fault = func(string, bool) error {
		switch random.IntN(12) {
		case 0:
			return errConnection
		case 1:
			return problem.New(problem.Internal, "out of order")
		}
		return nil
	}
	q.garble = func(_ string, v []message.HeldVerdict) []message.HeldVerdict {
		switch random.IntN(12) {
		case 0:
			return nil
		case 1:
			return append(v, v...)
		case 2:
			for i := range v {
				v[i].Verdict = "perhaps"
			}
		case 3:
			return append(v, message.HeldVerdict{Held: message.Held{ID: "unknown", Token: 9}, Verdict: message.Stale})
		}
		return v
	}
}
