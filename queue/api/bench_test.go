package api_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"foliocast/queue/message"
)

// BenchmarkThousand sends a thousand messages all the way: enqueue, lease,
// complete and read from the feed, one call each, with payloads of 300 bytes
// and results of 3 kB.
func BenchmarkThousand(b *testing.B) {
	s := start(b)
	payload := json.RawMessage(fmt.Sprintf("%q", strings.Repeat("p", 300)))
	result := json.RawMessage("[" + strings.Repeat("0.12345678,", 270) + "1]")
	var last message.Position
	for round := 0; b.Loop(); round++ {
		all := make([]message.New, 1000)
		for i := range all {
			all[i] = message.New{Key: fmt.Sprint(round, ".", i), Payload: payload}
		}
		if _, err := s.Enqueue(b.Context(), all); err != nil {
			b.Fatal(err)
		}
		leases, err := s.Lease(b.Context(), "w", 1000, 0)
		if err != nil || len(leases) != 1000 {
			b.Fatal(len(leases), err)
		}
		done := make([]message.Completion, len(leases))
		for i, l := range leases {
			done[i] = message.Completion{Held: held(l), Result: result}
		}
		if _, err := s.Complete(b.Context(), done); err != nil {
			b.Fatal(err)
		}
		results, err := s.Results(b.Context(), last, 1000, 0)
		if err != nil || len(results) != 1000 {
			b.Fatal(len(results), err)
		}
		last = results[len(results)-1].Position
	}
}
