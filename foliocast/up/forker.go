package up

import (
	"os/exec"
	"runtime"
	"syscall"
)

// forker starts processes that end when this one does, however it ends. Linux
// sends the signal when the thread that started a process ends, not when the
// whole program does, so a single thread starts all of them and never ends before close.
type forker struct {
	work chan func()
}

func newForker() *forker {
	f := &forker{work: make(chan func())}
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		for do := range f.work {
			do()
		}
	}()
	return f
}

// start starts cmd in a process group of its own. orphaned is the signal that
// it gets when this program dies without stopping it.
func (f *forker) start(cmd *exec.Cmd, orphaned syscall.Signal) error {
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.Setpgid = true
	cmd.SysProcAttr.Pdeathsig = orphaned
	started := make(chan error)
	f.work <- func() { started <- cmd.Start() }
	return <-started
}

// close ends the thread. Every process that it started must have ended.
func (f *forker) close() { close(f.work) }
