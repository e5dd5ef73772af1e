package wake

import (
	"fmt"
	"math"
	"syscall"
	"time"
	"unsafe"
)

// The operations of futex(2) on a word that processes share. Package syscall does not name them.
const (
	opWait = 0
	opWake = 1
)

// futexWait sleeps while the word is old, until another process wakes it, for at most the time
// given. It may return before that.
func futexWait(word *uint32, old uint32, most time.Duration) error {
	timeout := syscall.NsecToTimespec(int64(most))
	_, _, err := syscall.Syscall6(syscall.SYS_FUTEX, uintptr(unsafe.Pointer(word)), opWait, uintptr(old),
		uintptr(unsafe.Pointer(&timeout)), 0, 0)
	switch err {
	case 0, syscall.EAGAIN, syscall.EINTR, syscall.ETIMEDOUT:
		return nil
	}
	return fmt.Errorf("wake: wait on a futex: %w", err)
}

// futexWake wakes everybody who sleeps on the word.
func futexWake(word *uint32) error {
	_, _, err := syscall.Syscall6(syscall.SYS_FUTEX, uintptr(unsafe.Pointer(word)), opWake, math.MaxInt32, 0, 0, 0)
	if err != 0 {
		return fmt.Errorf("wake: wake a futex: %w", err)
	}
	return nil
}
