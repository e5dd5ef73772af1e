package up

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"sync/atomic"
	"syscall"
	"time"

	"foliocast/internal/child"
)

// keeper runs one part: it starts the process, restarts it when it dies or hangs, and
// stops it when it is told to.
type keeper struct {
	part
	restarts restarts
	log      *logFile
	hang     time.Duration                 // without an answer, after which the part is ended
	mark     string                        // of the part's processes, see func mark
	started  func(pid, restarts int) error // called after each start
	say      func(format string, args ...any)

	pid    atomic.Int64 // of the running process, once it is in run.json; 0 for none
	deaths atomic.Int32
	last   atomic.Pointer[string] // how it last died
	quit   chan struct{}          // closed to stop
	done   chan struct{}          // closed once no process of the part is left
}

// keep starts the part and returns at once.
func (k *keeper) keep() {
	k.quit, k.done = make(chan struct{}), make(chan struct{})
	go k.run()
}

// end stops the part and waits until none of its processes is left. Call it once.
func (k *keeper) end() {
	close(k.quit)
	<-k.done
}

func (k *keeper) run() {
	defer close(k.done)
	for {
		began := time.Now()
		cause := k.once()
		if k.stopping() {
			return
		}
		k.last.Store(&cause)
		k.deaths.Add(1)
		delay := k.restarts.next(time.Since(began))
		k.say("%s %s: restarting it in %s", k.name, cause, delay)
		select {
		case <-k.quit:
			return
		case <-time.After(delay):
		}
	}
}

func (k *keeper) stopping() bool {
	select {
	case <-k.quit:
		return true
	default:
		return false
	}
}

// once runs the process until it ends or is told to quit, and says how it ended.
func (k *keeper) once() string {
	cmd, err := k.command()
	if err != nil {
		return fmt.Sprintf("cannot be started: %v", err)
	}
	if cmd.Env == nil {
		cmd.Env = os.Environ()
	}
	cmd.Env = append(cmd.Env, markVariable+"="+k.mark)
	cmd.Stdout, cmd.Stderr = k.log.file, k.log.file
	if err := child.Start(cmd, k.orphaned); err != nil {
		return fmt.Sprintf("cannot be started: %v", err)
	}
	defer k.clear(cmd.Process.Pid)
	if err := k.started(cmd.Process.Pid, int(k.deaths.Load())); err != nil {
		k.say("%v", err)
	}
	k.pid.Store(int64(cmd.Process.Pid))
	defer k.pid.Store(0)
	exited := make(chan error, 1)
	go func() { exited <- cmd.Wait() }()
	watching, enough := context.WithCancel(context.Background())
	defer enough()
	hangs := make(chan string, 1)
	go func() {
		if how := k.watch(watching, cmd.Process.Pid); how != "" {
			hangs <- how
		}
	}()
	look := time.NewTicker(logTick)
	defer look.Stop()
	for {
		select {
		case err := <-exited:
			return "ended: " + ending(err)
		case how := <-hangs:
			signalAll(family(cmd.Process.Pid, k.mark), syscall.SIGKILL) // it would not hear another
			<-exited
			return how
		case <-k.quit:
			return k.terminate(cmd, exited)
		case <-look.C:
			if err := k.log.trim(); err != nil {
				k.say("%v", err)
			}
		}
	}
}

// terminate goes through the part's stop steps until the process has ended.
func (k *keeper) terminate(cmd *exec.Cmd, exited <-chan error) string {
	for i, s := range k.stop {
		_ = cmd.Process.Signal(s.signal) // an error means that it has ended
		select {
		case err := <-exited:
			return ending(err)
		case <-time.After(s.patience):
		}
		if i == len(k.stop)-1 || k.stop[i+1].signal != s.signal {
			k.say("%s is still running %s after %q: trying harder", k.name, s.patience, s.signal)
		}
	}
	_ = cmd.Process.Kill()
	return ending(<-exited)
}

// clear kills the processes that the process left behind, inside and outside its
// group, and waits until they are gone.
func (k *keeper) clear(pid int) {
	_ = syscall.Kill(-pid, syscall.SIGKILL)
	for range 200 {
		left := marked(k.mark)
		if len(left) == 0 {
			return
		}
		signalAll(left, syscall.SIGKILL)
		time.Sleep(clearTick)
	}
}

// clearTick is the time between two checks for processes that were killed.
const clearTick = 10 * time.Millisecond

func ending(err error) string {
	exit, ok := errors.AsType[*exec.ExitError](err)
	switch {
	case ok:
		return exit.String()
	case err == nil:
		return "exit status 0"
	default:
		return err.Error()
	}
}
