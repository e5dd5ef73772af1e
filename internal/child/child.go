// Package child starts processes that end when this one does, however it ends.
package child

import (
	"os/exec"
	"runtime"
	"sync"
	"syscall"
)

// work is done by one thread, which lives as long as the program: Linux sends the
// signal of an orphan when the thread that started it ends, not when the whole program
// does, and threads do end, such as that of a goroutine that never unlocks it.
var work = sync.OnceValue(func() chan<- func() {
	work := make(chan func())
	go func() {
		runtime.LockOSThread()
		for do := range work {
			do()
		}
	}()
	return work
})

// Start starts cmd in a process group of its own. orphaned is the signal that it gets
// when this program dies without stopping it.
func Start(cmd *exec.Cmd, orphaned syscall.Signal) error {
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.Setpgid = true
	cmd.SysProcAttr.Pdeathsig = orphaned
	started := make(chan error)
	work() <- func() { started <- cmd.Start() }
	return <-started
}
