package wake

import (
	"encoding/binary"
	"fmt"
	"math"
	"sync"
	"testing"
)

// Goroutines share a board as processes do. Every reader gets every message, in order and whole,
// also while the counters wrap, and however far a reader falls behind.
func TestEveryReaderGetsEveryMessage(t *testing.T) {
	t.Parallel()
	for _, readers := range []uint32{0, 1, 3, 16} {
		for _, start := range []uint32{0, math.MaxUint32 - 100, 1<<31 - 100} {
			t.Run(fmt.Sprint(readers, " readers from ", start), func(t *testing.T) {
				t.Parallel()
				const messages = 1000
				words := make([]uint32, boardWords)
				words[boardNumber], words[boardReads] = start, start*readers
				progress := func() error { return nil }
				var all sync.WaitGroup
				for r := range readers {
					all.Go(func() {
						b := board{words: words, readers: readers, number: start, progress: progress}
						for i := range uint64(messages) {
							var got [Limit]byte
							if err := b.read(got[:]); err != nil {
								t.Error(err)
								return
							}
							if first, last := binary.LittleEndian.Uint64(got[:]), binary.LittleEndian.Uint64(got[Limit-8:]); first != i || last != i {
								t.Errorf("reader %d: message %d is %d…%d", r, i, first, last)
								return
							}
						}
					})
				}
				leader := board{words: words, readers: readers, number: start, progress: progress}
				for i := range uint64(messages) {
					var message [Limit]byte
					binary.LittleEndian.PutUint64(message[:], i)
					binary.LittleEndian.PutUint64(message[Limit-8:], i)
					if err := leader.publish(message[:]); err != nil {
						t.Fatal(err)
					}
				}
				all.Wait()
			})
		}
	}
}

// A rank that waits lets MPI make progress: what it sent before may not have left.
func TestProgressWhileWaiting(t *testing.T) {
	t.Parallel()
	words := make([]uint32, boardWords)
	leader := board{words: words, readers: 1}
	calls := 0
	reader := board{words: words, readers: 1, progress: func() error {
		if calls++; calls == 3 {
			return leader.publish([]byte("go"))
		}
		return nil
	}}
	got := make([]byte, 2)
	if err := reader.read(got); err != nil || string(got) != "go" || calls != 3 {
		t.Errorf("got %q after %d calls of progress, %v", got, calls, err)
	}
}
