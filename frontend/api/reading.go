package api

import (
	"context"
	"errors"
	"runtime"
	"time"

	"golang.org/x/sync/semaphore"

	"foliocast/internal/problem"
	"foliocast/internal/series"
	"foliocast/internal/serve"
)

// maxReading is how many files are read and checked at once, however many cores
// there are.
const maxReading = 4

// readersOf is how many files are read at once. Reading keeps a core busy: half of them
// are left to requests that take less.
func readersOf(cores int) int64 { return int64(min(max(1, cores/2), maxReading)) }

// readWait is how long a file waits for others that are being read.
const readWait = 15 * time.Second

// readAgain is when a caller whose file waited in vain may try again.
const readAgain = 10 * time.Second

// reader reads uploads, a few at once, in memory that all of them share.
type reader struct {
	slots  *semaphore.Weighted
	memory *series.Pool
	wait   time.Duration
}

func newReader(memory int64, wait time.Duration) *reader {
	return &reader{slots: semaphore.NewWeighted(readersOf(runtime.GOMAXPROCS(0))), memory: series.NewPool(memory, wait), wait: wait}
}

// read calls do with the budget for reading one file once, which it closes after
// that. It waits while others read, and then returns a problem.
func (r *reader) read(ctx context.Context, do func(*series.Budget) error) error {
	waiting, stop := context.WithTimeout(ctx, r.wait)
	defer stop()
	if r.slots.Acquire(waiting, 1) != nil {
		if ctx.Err() != nil {
			return tooSlow(ctx.Err())
		}
		return busy(&series.BusyError{Waited: r.wait})
	}
	defer r.slots.Release(1)
	budget := r.memory.Budget(ctx)
	defer budget.Close()
	var err error
	serve.Aside(func() { err = do(budget) })
	if waited, is := errors.AsType[*series.BusyError](err); is {
		return busy(waited)
	}
	return tooSlow(err)
}

// busy is the problem of a file that waited in vain.
func busy(err *series.BusyError) error {
	return problem.Newf(problem.Unavailable, "the service is reading other files, and this one waited for %v: send it again in a moment", err.Waited).
		RetryAfter(readAgain)
}

// tooSlow gives the deadline of the request its sentence.
func tooSlow(err error) error {
	if errors.Is(err, context.DeadlineExceeded) {
		return problem.Newf(problem.Invalid, "the file cannot be read in the time for it, %v: divide it, or send it in the form of mpicalc convert", checkTime)
	}
	return err
}
