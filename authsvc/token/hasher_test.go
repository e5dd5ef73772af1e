package token

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// busy is a hasher all of whose hashes are taken.
func busy() *Hasher {
	h := NewHasher()
	h.free = 0
	return h
}

// queue makes a source wait, and returns once it does. Its turn goes to the channel.
func (h *Hasher) queue(t *testing.T, source string, unknown bool, turns chan<- string) {
	t.Helper()
	h.mu.Lock()
	before := h.waiting
	h.mu.Unlock()
	go func() {
		if err := h.enter(t.Context(), source, unknown); err != nil {
			source += " " + err.Error()
		}
		turns <- source
	}()
	for {
		h.mu.Lock()
		waiting := h.waiting
		h.mu.Unlock()
		if waiting > before {
			return
		}
		runtime.Gosched()
	}
}

func TestHasherTakesSourcesInTurn(t *testing.T) {
	t.Parallel()
	h := busy()
	turns := make(chan string)
	for _, source := range []string{"a", "a", "a", "b", Known, "c", Known} {
		h.queue(t, source, false, turns)
	}
	var got []string
	for range 7 {
		h.leave()
		got = append(got, <-turns)
	}
	if want := []string{Known, Known, "a", "b", "c", "a", "a"}; !slices.Equal(got, want) {
		t.Errorf("got the turns %q, want %q", got, want)
	}
	if h.leave(); h.free != 1 || h.waiting != 0 || len(h.queues) != 0 || len(h.turns) != 0 {
		t.Errorf("left behind: %+v", h)
	}
}

func TestHasherSendsTheLargestSourceAway(t *testing.T) {
	t.Parallel()
	h := busy()
	turns := make(chan string, hashesQueued+2)
	for range hashesQueued {
		h.queue(t, "flood", false, turns)
	}
	if err := h.enter(t.Context(), "flood", false); !errors.Is(err, ErrBusy) {
		t.Errorf("got %v, want ErrBusy", err)
	}
	// ErrBusy must not reveal whether a user exists.
	if _, err := h.Matches(t.Context(), "flood", "", "x"); !errors.Is(err, ErrBusy) {
		t.Errorf("a user who does not exist: got %v, want ErrBusy", err)
	}
	go func() {
		if err := h.enter(t.Context(), "other", false); err != nil {
			t.Error(err)
		}
		turns <- "other"
	}()
	if got, want := <-turns, "flood "+ErrBusy.Error(); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	h.leave()
	h.leave()
	if first, second := <-turns, <-turns; first != "other" && second != "other" {
		t.Errorf("the turns went to %q and %q", first, second)
	}
	for range hashesQueued - 2 {
		h.leave()
		<-turns
	}
}

func TestHasherForgetsThoseWhoGiveUp(t *testing.T) {
	t.Parallel()
	h := busy()
	ctx, cancel := context.WithCancel(t.Context())
	var all sync.WaitGroup
	for i := range 20 {
		all.Go(func() {
			if err := h.enter(ctx, strconv.Itoa(i%3), i%2 == 0); !errors.Is(err, context.Canceled) {
				t.Errorf("got %v", err)
			}
		})
	}
	cancel()
	all.Wait()
	if h.leave(); h.free != 1 || h.waiting != 0 || len(h.queues) != 0 || len(h.turns) != 0 {
		t.Errorf("left behind: %+v", h)
	}
}

// In a crowd, unknown names cost no hash and wait no longer than a known one behind
// them, so that a known one is not delayed by any number of them.
func TestHasherSparesUnknownNamesInACrowd(t *testing.T) {
	t.Parallel()
	h := busy()
	spared, known := make(chan string, 2*crowd), make(chan string, 1)
	for range 2 * crowd {
		h.queue(t, "a", true, spared)
	}
	h.queue(t, "a", false, known)
	turns := 0
	for ; len(h.queues) > 0; turns++ { // nobody else changes them: all others wait
		h.leave()
	}
	if <-known; turns > crowd {
		t.Errorf("the known name waited for %d turns, with %d unknown ones before it", turns, 2*crowd)
	}
}

// A caller who hangs up must not learn from what is counted whether a name exists: a check
// that has begun ends, with a hash or without one.
func TestHangingUpTellsNoNames(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := NewHasherAt(Cost{Memory: 64, Passes: 1})
		h.free = 0
		h.note(time.Second)
		ctx, hangUp := context.WithCancel(t.Context())
		checked := make(chan error, crowd)
		for range crowd {
			go func() {
				_, err := h.Matches(ctx, "a", "", "x")
				checked <- err
			}()
		}
		synctest.Wait()
		h.leave() // to the first one, which needs no hash
		synctest.Wait()
		hangUp()
		for range crowd {
			if err := <-checked; err != nil {
				t.Errorf("got %v", err)
			}
		}
	})
}
