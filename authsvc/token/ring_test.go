package token

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"foliocast/internal/auth"
)

// Anyone can send tokens with made-up key ids: they must not reach the
// database more than once a second, however many come, also while it is unreachable.
func TestUnknownKeysAreLookedForOnceASecond(t *testing.T) {
	t.Parallel()
	for _, failure := range []error{nil, errors.New("the database is unreachable")} {
		var loads atomic.Int32
		now := time.Unix(1_000_000, 0)
		load := func(context.Context) ([]Key, error) {
			loads.Add(1)
			return nil, failure
		}
		r := NewRing(load, func() time.Time { return now })
		for second := range int32(3) {
			var all sync.WaitGroup
			for range 50 {
				all.Go(func() {
					_, err := r.Key(t.Context(), "made up")
					if want := errors.Is(err, auth.ErrUnknownKey); err == nil || want != (failure == nil) {
						t.Errorf("got %v after %v", err, failure)
					}
				})
			}
			all.Wait()
			if got := loads.Load(); got != second+1 {
				t.Errorf("%d loads in %d s (%v)", got, second+1, failure)
			}
			now = now.Add(reloadPause)
		}
	}
}

// A caller that waits for the keys can stop waiting without failing the others.
func TestRingGivesUpWithTheRequest(t *testing.T) {
	t.Parallel()
	key, err := newKey(Current, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	begun, hold := make(chan struct{}), make(chan struct{})
	r := NewRing(func(ctx context.Context) ([]Key, error) {
		close(begun)
		<-hold
		return []Key{key}, ctx.Err()
	}, nil)
	ctx, cancel := context.WithCancel(t.Context())
	impatient := make(chan error, 1)
	go func() {
		_, err := r.Key(ctx, key.ID)
		impatient <- err
	}()
	<-begun
	cancel()
	if err := <-impatient; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want that it was canceled", err)
	}
	patient := make(chan error, 1)
	go func() {
		_, err := r.Key(t.Context(), key.ID)
		patient <- err
	}()
	close(hold)
	if err := <-patient; err != nil {
		t.Error(err)
	}
}
