package api_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"foliocast/queue/contract"
	"foliocast/queue/message"
)

func TestServiceKeepsTheContractWithWorkers(t *testing.T) {
	t.Parallel()
	contract.Work(t, func(t *testing.T, payloads ...json.RawMessage) contract.WorkerService {
		s := start(t)
		for i, p := range payloads {
			if _, err := s.Enqueue(t.Context(), []message.New{{Key: fmt.Sprint(i), Payload: p}}); err != nil {
				t.Fatal(err)
			}
		}
		return contract.WorkerService{
			Worker: s.Client,
			Cancel: func(id message.ID) {
				if _, err := s.Client.Cancel(t.Context(), id); err != nil {
					t.Fatal(err)
				}
			},
			Expire: func() {
				if _, err := s.pool.Exec(t.Context(), "UPDATE message SET leased_until = now() WHERE leased_until IS NOT NULL"); err != nil {
					t.Fatal(err)
				}
				if _, err := s.store.Expire(t.Context(), time.Now()); err != nil {
					t.Fatal(err)
				}
			},
		}
	})
}

func TestServiceKeepsTheContractWithProducers(t *testing.T) {
	t.Parallel()
	contract.Produce(t, func(t *testing.T) contract.ProducerService {
		s := start(t)
		leased := map[string]message.Held{}
		return contract.ProducerService{
			Producer: s.Client,
			Lease:    func(key string, progress float64) { leased[key] = s.leaseKey(key, progress) },
			End: func(key string, result json.RawMessage, failure string, parts ...string) {
				s.end(message.Completion{Held: leased[key], Result: result, Error: failure}, parts)
			},
			Redrive: func(key string) {
				if _, err := s.Retry(t.Context(), message.ByKey(key)); err != nil {
					t.Fatal(err)
				}
			},
		}
	})
}

// leaseKey leases the message with a key, whatever waits before it.
func (s *service) leaseKey(key string, progress float64) message.Held {
	s.t.Helper()
	leases, err := s.Lease(s.t.Context(), "w", 1000, 0)
	if err != nil {
		s.t.Fatal(err)
	}
	var mine message.Held
	var others []message.Held
	for _, l := range leases {
		if l.Key == key {
			mine = held(l)
		} else {
			others = append(others, held(l))
		}
	}
	if len(others) > 0 {
		if _, err := s.Release(s.t.Context(), others); err != nil {
			s.t.Fatal(err)
		}
	}
	if _, err := s.Heartbeat(s.t.Context(), []message.Beat{{Held: mine, Progress: progress}}); err != nil {
		s.t.Fatal(err)
	}
	return mine
}

// end completes a lease with its parts.
func (s *service) end(c message.Completion, parts []string) {
	s.t.Helper()
	for i, p := range parts {
		if _, err := s.PutPart(s.t.Context(), message.Part{Held: c.Held, Index: i, Body: []byte(p)}); err != nil {
			s.t.Fatal(err)
		}
	}
	c.Parts = len(parts)
	if v, err := s.Complete(s.t.Context(), []message.Completion{c}); err != nil || v[0].Verdict != message.Accepted {
		s.t.Fatalf("got %v, %v", v, err)
	}
}
