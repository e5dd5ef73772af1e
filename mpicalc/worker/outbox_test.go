package worker

import (
	"log/slog"
	"runtime"
	"testing"

	"foliocast/queue/message"
)

// While the queue takes no parts, the parts of large answers must not fill the memory.
func TestAFullOutboxHoldsUpParts(t *testing.T) {
	t.Parallel()
	o := newOutbox(nil, newRegistry(), slog.Default())
	const size, parts = waitingBytes / 4, 20
	over := make(chan int, 1)
	go func() {
		j, most := &leasedJob{}, 0
		for i := range parts {
			if err := o.part(j, message.Part{Index: i, Body: make([]byte, size)}); err != nil {
				t.Error(err)
			}
			o.mu.Lock()
			most = max(most, o.bytes)
			o.mu.Unlock()
		}
		over <- most
	}()
	for { // an entry is sent whenever there is no room for more
		select {
		case most := <-over:
			if most > waitingBytes+size {
				t.Errorf("%d bytes were waiting, want %d at most", most, waitingBytes+size)
			}
			return
		default:
		}
		if !o.full() {
			runtime.Gosched()
			continue
		}
		o.mu.Lock()
		first := o.waiting[0]
		o.remove(func(e *entry) bool { return e == first })
		o.mu.Unlock()
	}
}
