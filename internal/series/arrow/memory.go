package arrow

import (
	"fmt"
	"unsafe"

	"github.com/apache/arrow-go/v18/arrow/memory"

	"foliocast/internal/series"
	"foliocast/internal/series/guard"
)

// bounded is an allocator for the Arrow library that panics when a file needs too much memory; [guard.Recover] turns the
// panic into an error.
type bounded struct {
	memory.Allocator
	limit, left int64
	budget      *series.Budget
}

// newBounded returns an allocator for a file of the given size.
func newBounded(size int, b *series.Budget) *bounded {
	limit := b.Unpacked(guard.Limit(size))
	return &bounded{memory.NewGoAllocator(), limit, limit, b}
}

func (b *bounded) take(size int) {
	if size < 0 || int64(size) > b.left {
		panic(fmt.Errorf("its contents are more than %d bytes, and may not be for a file of this size", b.limit))
	}
	b.left -= int64(size)
	if err := b.budget.Hold(int64(size)); err != nil {
		panic(err)
	}
}

// Allocate implements [memory.Allocator].
func (b *bounded) Allocate(size int) []byte {
	b.take(size)
	return b.Allocator.Allocate(size)
}

// Reallocate implements [memory.Allocator].
func (b *bounded) Reallocate(size int, old []byte) []byte {
	b.take(size)
	b.budget.Release(int64(len(old)))
	return b.Allocator.Reallocate(size, old)
}

// Free implements [memory.Allocator].
func (b *bounded) Free(old []byte) {
	b.budget.Release(int64(len(old)))
	b.Allocator.Free(old)
}

// aligned reports whether the address of the first number is a multiple of its size.
func aligned[T any](items []T) bool {
	var one T
	return len(items) == 0 || uintptr(unsafe.Pointer(&items[0]))%unsafe.Sizeof(one) == 0
}
