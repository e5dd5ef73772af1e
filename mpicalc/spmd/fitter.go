package spmd

import (
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"foliocast/mpicalc/forecast"
)

// fitter is the threads of one rank. They fit one batch after the other, each in blocks, while the rank's own goroutine
// exchanges messages.
type fitter struct {
	wake    chan struct{} // holds a token when a batch is done
	threads []thread
	ended   sync.WaitGroup

	mu     sync.Mutex
	work   sync.Cond
	queue  []*batch // those with blocks that no thread has taken
	done   []*batch
	inside int   // batches that are not done
	panic  error // of a thread, outside the series that it fitted
	closed bool
}

// batch is the tasks of one chunk at the rank that fits them.
type batch struct {
	number  int // of the chunk
	tasks   []task
	values  []float64 // in which the values are that were sent
	ends    []int     // where each block ends in tasks
	answers [][]byte  // of each block
	runs    [][]run
	taken   int // blocks
	left    int
	touched time.Duration // of all blocks
	fitted  time.Duration
	begun   time.Time // the first block
	ended   time.Time // the last
}

func newFitter(c Config) *fitter {
	newEngine := c.Engine
	if newEngine == nil {
		newEngine = func() Engine { return forecast.New() }
	}
	f := &fitter{wake: make(chan struct{}, 1), threads: make([]thread, max(c.Threads, 1))}
	f.work.L = &f.mu
	for i := range f.threads {
		t := &f.threads[i]
		t.newEngine, t.engine, t.write = newEngine, newEngine(), c.Write
		f.ended.Go(func() { f.run(t) })
	}
	return f
}

// close ends the threads, once they have fitted what they were given.
func (f *fitter) close() {
	f.mu.Lock()
	f.closed = true
	f.work.Broadcast()
	f.mu.Unlock()
	f.ended.Wait()
}

// start gives the threads a batch.
func (f *fitter) start(b *batch) {
	f.cut(b)
	b.taken, b.left, b.touched, b.fitted = 0, len(b.ends), 0, 0
	b.answers, b.runs = resize(b.answers, len(b.ends)), resize(b.runs, len(b.ends))
	f.mu.Lock()
	defer f.mu.Unlock()
	f.queue = append(f.queue, b)
	f.inside++
	f.work.Broadcast()
}

// held is how many batches are not done, or finished has not returned.
func (f *fitter) held() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.inside + len(f.done)
}

// finished returns the batches that are done since the last call. A panic of a thread becomes one of the caller, where the
// rank recovers it.
func (f *fitter) finished() []*batch {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.panic != nil {
		panic(f.panic)
	}
	done := f.done
	f.done = nil
	return done
}

const (
	// blocksPerThread is into how many blocks per thread a batch is divided: enough that all threads end at about the
	// same time although costs are rough estimates.
	blocksPerThread = 8
	// minBlock is the least cost of a block, in nanoseconds: far more than taking one costs.
	minBlock = 50_000
)

// cut divides the tasks of b into blocks. There is at least one block, which may be empty.
func (f *fitter) cut(b *batch) {
	b.ends = b.ends[:0]
	limit := 0.0
	var costs costMemo
	if len(f.threads) > 1 {
		for i := range b.tasks {
			limit += costs.guess(&b.tasks[i])
		}
		limit = max(limit/float64(len(f.threads)*blocksPerThread), minBlock)
		spent := 0.0
		for i := range b.tasks {
			if spent >= limit {
				b.ends, spent = append(b.ends, i), 0
			}
			spent += costs.guess(&b.tasks[i])
		}
	}
	b.ends = append(b.ends, len(b.tasks))
}

// run fits blocks until the fitter is closed.
func (f *fitter) run(t *thread) {
	defer func() {
		if cause := recover(); cause != nil {
			f.mu.Lock()
			f.panic = fmt.Errorf("%v\n%s", cause, debug.Stack())
			f.mu.Unlock()
			f.signal()
		}
	}()
	for {
		b, block := f.take()
		if b == nil {
			return
		}
		from := 0
		if block > 0 {
			from = b.ends[block-1]
		}
		tasks := b.tasks[from:b.ends[block]]
		begin := time.Now()
		t.touchedSum = touch(tasks)
		touched := time.Since(begin)
		b.answers[block], b.runs[block] = t.fit(b.answers[block][:0], b.runs[block][:0], tasks)
		f.put(b, touched, time.Since(begin)-touched)
	}
}

// take waits for a block. It returns nil when the fitter is closed and has none.
func (f *fitter) take() (b *batch, block int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for len(f.queue) == 0 {
		if f.closed {
			return nil, 0
		}
		f.work.Wait()
	}
	b = f.queue[0]
	block = b.taken
	if block == 0 {
		b.begun = time.Now()
	}
	b.taken++
	if b.taken == len(b.ends) {
		f.queue = append(f.queue[:0], f.queue[1:]...)
	}
	return b, block
}

// put notes that a block is done.
func (f *fitter) put(b *batch, touched, fitted time.Duration) {
	f.mu.Lock()
	b.touched += touched
	b.fitted += fitted
	b.left--
	done := b.left == 0
	if done {
		b.ended = time.Now()
		f.inside--
		f.done = append(f.done, b)
	}
	f.mu.Unlock()
	if done {
		f.signal()
	}
}

func (f *fitter) signal() {
	select {
	case f.wake <- struct{}{}:
	default:
	}
}
