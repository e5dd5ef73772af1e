// Package guard bounds what a hostile file can do to a reader. The libraries for Arrow and Parquet trust what a file claims, so
// the readers check the claims first, bound the memory, and turn a panic of the library into an error.
package guard

import (
	"context"
	"errors"
	"runtime"

	"foliocast/internal/series"
)

// The contents of a compressed file may have MaxExpansion times its size, plus smallExpansion for small files. Tables of real
// numbers are far below that.
const (
	MaxExpansion   = 256
	smallExpansion = 16 << 20
)

// Limit is how many bytes a file of the given size may become in memory.
func Limit(size int) int64 { return MaxExpansion*int64(size) + smallExpansion }

// Recover turns a panic of a library into a [series.RejectError], and sets the result to its zero value. What the library says of
// its own code is for nobody who sends a file; the errors with which a reader of ours ends the library's work are returned as they
// are. It must be deferred directly.
func Recover[T any](result *T, err *error) {
	p := recover()
	if p == nil {
		return
	}
	var zero T
	*result = zero
	switch p := p.(type) {
	case runtime.Error:
		*err = series.Reject("the file is damaged, or written in a way that is not supported: write it again with another program or other options")
	case error:
		*err = Rejection(p, "not a readable file: %v", p)
	default:
		*err = series.Reject("not a readable file: %v", p)
	}
}

// Rejection rejects a file because of an error of a library, with the given sentence. Errors of a budget and rejections stay what
// they are.
func Rejection(err error, format string, args ...any) error {
	if rejected, ok := errors.AsType[*series.RejectError](err); ok {
		return rejected
	}
	if busy, ok := errors.AsType[*series.BusyError](err); ok {
		return busy
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return series.Reject(format, args...)
}
