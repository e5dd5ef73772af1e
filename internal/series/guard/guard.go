// Package guard bounds what a hostile file can make a library do. The libraries for Arrow and Parquet believe what a
// file claims, so the readers check the claims before, and catch a panic after.
package guard

import "foliocast/internal/series"

// A compressed file may not grow beyond MaxExpansion times its size, plus an allowance for small ones. It bounds what a
// hostile file can ask for; tables of real numbers stay far below it.
const (
	MaxExpansion   = 256
	smallExpansion = 16 << 20
)

// Limit is how many bytes a file of the given size may become in memory.
func Limit(size int) int64 { return MaxExpansion*int64(size) + smallExpansion }

// Recover turns a panic of a library, which does not check all of a file, into a [series.RejectError], and sets the
// result to its zero value. It must be deferred itself.
func Recover[T any](result *T, err *error) {
	if p := recover(); p != nil {
		var zero T
		*result, *err = zero, series.Reject("not a readable file: %v", p)
	}
}
