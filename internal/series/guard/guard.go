// Package guard bounds what a hostile file can do to a reader. The libraries for Arrow and Parquet trust what a file claims, so
// the readers check the claims first, bound the memory, and turn a panic of the library into an error.
package guard

import "foliocast/internal/series"

// The contents of a compressed file may have MaxExpansion times its size, plus smallExpansion for small files. Tables of real
// numbers are far below that.
const (
	MaxExpansion   = 256
	smallExpansion = 16 << 20
)

// Limit is how many bytes a file of the given size may become in memory.
func Limit(size int) int64 { return MaxExpansion*int64(size) + smallExpansion }

// Recover turns a panic of a library into a [series.RejectError], and sets the result to its zero value. It must be deferred
// directly.
func Recover[T any](result *T, err *error) {
	if p := recover(); p != nil {
		var zero T
		*result, *err = zero, series.Reject("not a readable file: %v", p)
	}
}
