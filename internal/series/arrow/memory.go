package arrow

import (
	"fmt"
	"unsafe"

	"github.com/apache/arrow-go/v18/arrow/memory"

	"foliocast/internal/series/guard"
)

// bounded is an Arrow allocator that panics, for [guard.Recover], when a file asks for too much memory.
type bounded struct {
	memory.Allocator
	left int64
}

// newBounded allows what a file of the given size may become.
func newBounded(size int) *bounded {
	return &bounded{memory.NewGoAllocator(), guard.Limit(size)}
}

func (b *bounded) take(size int) {
	if size < 0 || int64(size) > b.left {
		panic(fmt.Errorf("its contents are more than %d times as large as itself", guard.MaxExpansion))
	}
	b.left -= int64(size)
}

// Allocate is for Arrow.
func (b *bounded) Allocate(size int) []byte {
	b.take(size)
	return b.Allocator.Allocate(size)
}

// Reallocate is for Arrow.
func (b *bounded) Reallocate(size int, old []byte) []byte {
	b.take(size)
	return b.Allocator.Reallocate(size, old)
}

// aligned reports whether numbers begin at an address that is a multiple of their size.
func aligned[T any](items []T) bool {
	var one T
	return len(items) == 0 || uintptr(unsafe.Pointer(&items[0]))%unsafe.Sizeof(one) == 0
}
