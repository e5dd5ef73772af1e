package serve

import (
	"runtime"

	"golang.org/x/sys/unix"
)

// aside is the priority, as nice(1) counts it, of work that a caller can make large.
const aside = 15

// Aside runs do at a low priority and returns when it has ended: a large body or file
// takes the time that nobody else on the machine needs. A panic in do is one of the
// caller.
func Aside(do func()) {
	var fault any
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		defer func() { fault = recover() }()
		// The thread is never unlocked, so it ends with this function: an ordinary user may
		// not raise its priority again. The runtime makes no threads from a locked one, which
		// would inherit the priority.
		runtime.LockOSThread()
		_ = unix.Setpriority(unix.PRIO_PROCESS, unix.Gettid(), aside)
		do()
	}()
	<-ended
	if fault != nil {
		panic(fault)
	}
}
