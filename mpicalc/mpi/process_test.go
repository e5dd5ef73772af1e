package mpi_test

import (
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"testing"
	"time"

	"foliocast/mpicalc/mpi"
)

func TestInitOnce(tt *testing.T) {
	t := onAllRanks(tt)
	if !mpi.Initialized() || mpi.Finalized() {
		t.Fatalf("initialized %v, finalized %v", mpi.Initialized(), mpi.Finalized())
	}
	if got := process.ThreadLevel(); got < mpi.ThreadSerialized {
		t.Fatalf("thread level %d", got)
	}
	_, err := mpi.Init(mpi.ThreadSerialized)
	refused(t, "Init", err, "Init_thread", mpi.ErrOther)
	for _, wrong := range []mpi.ThreadLevel{mpi.ThreadSingle, mpi.ThreadFunneled, mpi.ThreadMultiple + 1} {
		_, err := mpi.Init(wrong)
		refused(t, "Init", err, "Init_thread", mpi.ErrArg)
	}
}

func TestWtime(tt *testing.T) {
	t := onAllRanks(tt)
	begin, wall := mpi.Wtime(), time.Now()
	for time.Since(wall) < 2*time.Millisecond {
	}
	if got := mpi.Wtime() - begin; got < 0.001 || got > 60 {
		t.Fatalf("2 ms took %v s", got)
	}
}

// The call of a second goroutine is refused while the first one is in MPI: the
// first waits for a message that rank 1 sends only on a signal.
func TestOneGoroutineAtATime(tt *testing.T) {
	t := onAllRanks(tt)
	if t.size == 1 {
		return // the first has no rank to wait for
	}
	switch t.rank {
	case 0:
		pid := make([]int64, 1)
		_, err := mpi.Recv(t.world, pid, 1, 10)
		t.ok(err)
		received := make(chan error)
		go func() {
			err := error(mpi.ErrOther)
			for errors.Is(err, mpi.ErrOther) { // it may be the second one itself
				_, err = mpi.Recv(t.world, make([]byte, 1), 1, 11)
			}
			received <- err
		}()
		for err = nil; err == nil; {
			_, _, err = mpi.Iprobe[byte](t.world, mpi.AnySource, 12)
		}
		refused(t, "Iprobe", err, "Iprobe", mpi.ErrOther)
		t.ok(syscall.Kill(int(pid[0]), syscall.SIGUSR1))
		t.ok(<-received)
	case 1:
		heard := make(chan os.Signal, 1)
		signal.Notify(heard, syscall.SIGUSR1)
		defer signal.Stop(heard)
		t.ok(mpi.Send(t.world, []int64{int64(os.Getpid())}, 0, 10))
		<-heard
		t.ok(mpi.Send(t.world, []byte{1}, 0, 11))
	}
	t.ok(t.world.Barrier())
}

// MPI leaves Go's signal handlers in place: a nil pointer is still a panic, and
// Notify still delivers SIGUSR1, which asks a world to stop.
func TestSignalsStayWithGo(tt *testing.T) {
	t := onAllRanks(tt)
	func() {
		defer func() {
			if recover() == nil {
				t.Fatalf("no panic")
			}
		}()
		var p *int
		_ = *p
	}()
	heard := make(chan os.Signal, 1)
	signal.Notify(heard, syscall.SIGUSR1)
	defer signal.Stop(heard)
	for range 100 { // it comes to different threads, on different stacks
		t.ok(syscall.Kill(os.Getpid(), syscall.SIGUSR1))
		select {
		case <-heard:
		case <-time.After(time.Minute):
			t.Fatalf("SIGUSR1 was not delivered")
		}
	}
}

// afterwards finalizes and checks that later calls are errors; MPI itself would end the
// process. It is the end of TestMain.
func afterwards(process *mpi.Process) error {
	world := process.World()
	if err := process.Finalize(); err != nil {
		return err
	}
	if !mpi.Initialized() || !mpi.Finalized() {
		return fmt.Errorf("after Finalize: initialized %v, finalized %v", mpi.Initialized(), mpi.Finalized())
	}
	_, initAgain := mpi.Init(mpi.ThreadSerialized)
	_, name := world.ProcessorName()
	for call, err := range map[string]error{
		"Init":          initAgain,
		"Finalize":      process.Finalize(),
		"Barrier":       world.Barrier(),
		"Bcast":         mpi.Bcast(world, []byte{1}, 0),
		"ProcessorName": name,
	} {
		if !errors.Is(err, mpi.ErrOther) {
			return fmt.Errorf("%s after Finalize: got %v, want class %v", call, err, mpi.ErrOther)
		}
	}
	return nil
}
