package up

import (
	"bytes"
	"io"
	"sync"
	"time"
)

// followTick is the time between two looks at a log that somebody follows.
const followTick = 200 * time.Millisecond

// followed writes what is appended to logs to one writer, whole lines at a time. The processes
// write to their files all the same, so that nothing depends on the reader of the lines.
type followed struct {
	to io.Writer
	mu sync.Mutex
}

// follow copies what is appended to l from now on, until quit is closed and the rest is copied.
func (f *followed) follow(l *logFile, quit <-chan struct{}) {
	at := l.size()
	tick := time.NewTicker(followTick)
	defer tick.Stop()
	for {
		select {
		case <-quit:
			f.copy(l, at, true)
			return
		case <-tick.C:
			at = f.copy(l, at, false)
		}
	}
}

// copy copies the lines from an offset on, with a last one that has not ended yet if all is
// true, and returns the offset of what is left.
func (f *followed) copy(l *logFile, at int64, all bool) int64 {
	size := l.size()
	if size < at { // it was trimmed
		at = 0
	}
	if size == at {
		return at
	}
	text := l.read(at)
	if !all {
		text = text[:bytes.LastIndexByte(text, '\n')+1]
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	_, _ = f.to.Write(text) // the reader may be gone
	return at + int64(len(text))
}
