package arrow

import (
	"fmt"
	"unsafe"

	"github.com/apache/arrow-go/v18/arrow/memory"

	"foliocast/internal/series/guard"
)

// bounded is an allocator for the Arrow library that panics when a file needs too much memory; [guard.Recover] turns the
// panic into an error.
type bounded struct {
	memory.Allocator
	left int64
}

// newBounded returns an allocator for a file of the given size.
func newBounded(size int) *bounded {
	return &bounded{memory.NewGoAllocator(), guard.Limit(size)}
}

func (b *bounded) take(size int) {
	if size < 0 || int64(size) > b.left {
		panic(fmt.Errorf("its contents are more than %d times the size of the file", guard.MaxExpansion))
	}
	b.left -= int64(size)
}

// Allocate implements [memory.Allocator].
func (b *bounded) Allocate(size int) []byte {
	b.take(size)
	return b.Allocator.Allocate(size)
}

// Reallocate implements [memory.Allocator].
func (b *bounded) Reallocate(size int, old []byte) []byte {
	b.take(size)
	return b.Allocator.Reallocate(size, old)
}

// aligned reports whether the address of the first number is a multiple of its size.
func aligned[T any](items []T) bool {
	var one T
	return len(items) == 0 || uintptr(unsafe.Pointer(&items[0]))%unsafe.Sizeof(one) == 0
}
