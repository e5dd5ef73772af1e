package series

import (
	"context"
	"fmt"
	"time"

	"golang.org/x/sync/semaphore"
)

// The bounds of every file, however much memory there is.
const (
	// MaxRows is the most rows that a file may have.
	MaxRows = 1 << 30
	// MaxColumns is the most columns that a file may have.
	MaxColumns = 1 << 18
	// MaxCells is the most cells, rows times columns, of a wide file.
	MaxCells = 1 << 33
)

// What reading takes, in bytes: a row of a long file, for its value and its time, and once the rows of the assets are mixed; a
// cell of a wide file; an asset, for its name, its place in the index and its axis.
const (
	longRow   = 16
	mixedRow  = 32
	wideCell  = 8
	perAsset  = 320
	perColumn = 256 // of the file, read or not
)

// maxUnpacked is how many times the memory of a file its pages may unpack to, one after the other.
const maxUnpacked = 4

// Pool is the memory that all files together may take that are read at once. Safe for concurrent use.
type Pool struct {
	free *semaphore.Weighted
	size int64
	file int64
	wait time.Duration
}

// NewPool makes a pool of the given number of bytes, of which one file may take three quarters. A file that finds too little
// memory waits for that of others, but no longer than wait.
func NewPool(bytes int64, wait time.Duration) *Pool {
	return &Pool{free: semaphore.NewWeighted(bytes), size: bytes, file: bytes - bytes/4, wait: wait}
}

// Budget returns the budget for reading one file, until ctx ends. The caller closes it when the tables that were read are no
// longer in use.
func (p *Pool) Budget(ctx context.Context) *Budget { return &Budget{pool: p, ctx: ctx} }

// Budget is what the reading of one file may take: memory, counted before it is allocated, and time. Nothing bounds the memory of
// a nil Budget, which is that of a program reading a file of its own. It is used by one reader at a time.
type Budget struct {
	pool *Pool
	ctx  context.Context
	held int64
}

// BusyError says that the memory of a [Pool] stayed in use by other files.
type BusyError struct{ Waited time.Duration }

// Error says for how long.
func (e *BusyError) Error() string {
	return fmt.Sprintf("the files that are being read leave no memory for another, after waiting for %v", e.Waited)
}

// Err is the error of a context that has ended.
func (b *Budget) Err() error {
	if b == nil {
		return nil
	}
	return b.ctx.Err()
}

// Hold takes memory for a part of the file. It returns a [RejectError] when the file would take more than a file may, a
// [BusyError] when the memory is in use, or the error of the context.
func (b *Budget) Hold(bytes int64) error {
	if b == nil || bytes <= 0 {
		return nil
	}
	if bytes > b.pool.file-b.held {
		return Reject("reading it takes %s of memory or more, and the service has %s for a file: write it in the form of mpicalc convert, which takes little, or divide it",
			megabytes(b.held+min(bytes, 1<<60)), megabytes(b.pool.file))
	}
	if !b.pool.free.TryAcquire(bytes) {
		ctx, stop := context.WithTimeout(b.ctx, b.pool.wait)
		defer stop()
		if err := b.pool.free.Acquire(ctx, bytes); err != nil {
			if b.ctx.Err() != nil {
				return b.ctx.Err()
			}
			return &BusyError{b.pool.wait}
		}
	}
	b.held += bytes
	return nil
}

// Release gives back memory that Hold took and that is no longer in use.
func (b *Budget) Release(bytes int64) {
	if b == nil {
		return
	}
	bytes = min(bytes, b.held)
	b.held -= bytes
	b.pool.free.Release(bytes)
}

// Held is how much memory the file has taken.
func (b *Budget) Held() int64 {
	if b == nil {
		return 0
	}
	return b.held
}

// Close gives back all memory.
func (b *Budget) Close() {
	if b != nil {
		b.Release(b.held)
	}
}

// Unpacked is how many bytes the compressed parts of a file of the given size may become, one after the other; limit bounds a
// file that has no budget.
func (b *Budget) Unpacked(limit int64) int64 {
	if b == nil {
		return limit
	}
	return min(limit, maxUnpacked*b.pool.file)
}

// megabytes writes a number of bytes for people.
func megabytes(n int64) string { return fmt.Sprintf("%d MB", (n+1<<20-1)>>20) }

// checkColumns bounds the columns of a file.
func checkColumns(n int, b *Budget) error {
	if n > MaxColumns {
		return Reject("the file has %d columns, and may have %d", n, MaxColumns)
	}
	return b.Hold(int64(n) * perColumn)
}
