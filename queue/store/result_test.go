package store_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"foliocast/internal/problem"
	"foliocast/queue/message"
)

// While several workers end messages in transactions that overlap, a reader that
// continues from its last position sees each ended message once, in the order of
// positions, and so does one that starts later.
func TestFeedSkipsNothing(t *testing.T) {
	t.Parallel()
	const workers, total = 4, 400
	f := open(t, testPolicy())
	f.add(0, total)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			random := rand.New(rand.NewPCG(1, uint64(w)))
			for ctx.Err() == nil {
				got, err := f.Account.Claim(ctx, nil, 1+random.IntN(9), fmt.Sprint("w", w), "")
				if err != nil {
					t.Error(err)
					return
				}
				if len(got.Leases) == 0 && !got.Ready {
					return
				}
				f.endSomehow(ctx, got.Leases, random)
			}
		})
	}
	finished := make(chan struct{})
	go func() { wg.Wait(); close(finished) }()
	var last message.Position
	seen := map[string]bool{}
	for more := true; more; {
		select {
		case <-finished:
			more = false // one more look, after which nothing comes
		default:
		}
		read, err := f.Results(ctx, last, 1+len(seen)%7)
		page := read.Results
		for err == nil && len(page) > 0 {
			for _, r := range page {
				if r.Position != last+1 || seen[r.Key] {
					t.Fatalf("after position %d came %d with key %s, seen before: %v", last, r.Position, r.Key, seen[r.Key])
				}
				last, seen[r.Key] = r.Position, true
			}
			read, err = f.Results(ctx, last, 1+len(seen)%7)
			page = read.Results
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(seen) != total {
		t.Errorf("the reader saw %d of %d messages", len(seen), total)
	}
}

// endSomehow ends leases by different calls.
func (f *fixture) endSomehow(ctx context.Context, leases []message.Lease, random *rand.Rand) {
	var completions []message.Completion
	for _, l := range leases {
		switch random.IntN(3) {
		case 0:
			completions = append(completions, failed(l, false))
		case 1:
			if _, err := f.Cancel(ctx, l.ID); err != nil {
				f.t.Error(err)
			}
			if _, err := f.Release(ctx, []message.Held{held(l)}); err != nil {
				f.t.Error(err)
			}
		default:
			completions = append(completions, done(l))
		}
	}
	if len(completions) == 0 {
		return
	}
	if _, err := f.Complete(ctx, completions); err != nil {
		f.t.Error(err)
	}
}

func TestFeedPageIsBounded(t *testing.T) {
	t.Parallel()
	f := open(t, testPolicy())
	f.add(0, 3)
	big := json.RawMessage(`"` + string(make([]byte, 0)) + fmt.Sprintf("%010000000d", 0) + `"`)
	var all []message.Completion
	for _, l := range f.claim(3) {
		all = append(all, message.Completion{Held: held(l), Result: big})
	}
	if _, err := f.Complete(t.Context(), all); err != nil {
		t.Fatal(err)
	}
	page := f.feed()
	if len(page) != 2 {
		t.Fatalf("got %d results of 10 MB in a page of 16 MiB", len(page))
	}
	rest, err := f.Results(t.Context(), page[1].Position, 1000)
	if err != nil || len(rest.Results) != 1 {
		t.Errorf("got %d, %v", len(rest.Results), err)
	}
}

func TestPositionOfAnotherFeed(t *testing.T) {
	t.Parallel()
	f := open(t, testPolicy())
	if _, err := f.Results(t.Context(), 1, 10); !problem.Is(err, problem.Conflict) {
		t.Errorf("got %v", err)
	}
}
