package lifetime

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"syscall"
	"testing"
	"time"

	"foliocast/mpicalc/mpi"
)

// play is one rank of the named scenario. Rank 1 fails while the others wait for it;
// unless the world is ended, they wait for ever.
func play(name string) int {
	err := mpi.Main(func(world *mpi.Comm) error {
		switch {
		case name == "all return":
			return world.Barrier()
		case name == "all stop on the signal":
			return stop(world)
		case name == "the only one panics":
			panic("alone")
		case world.Rank() == 1:
			return fail(world, name)
		}
		return world.Barrier()
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

func fail(world *mpi.Comm, name string) error {
	switch name {
	case "one returns an error":
		return errors.New("the disk is full")
	case "one panics":
		return []error{}[world.Size()]
	case "one panics in another goroutine":
		go func() {
			defer world.AbortOnPanic()
			panic("a worker failed")
		}()
		_, err := mpi.Recv(world, make([]byte, 1), 0, 0) // nobody sends
		return err
	case "one ends its goroutine":
		runtime.Goexit()
	case "one aborts":
		world.Abort(77)
	case "one aborts with a code out of range":
		world.Abort(256)
	case "one dies":
		return syscall.Kill(os.Getpid(), syscall.SIGKILL)
	case "one exits":
		os.Exit(5)
	}
	return fmt.Errorf("there is no scenario %q", name)
}

const stopSignal = syscall.SIGUSR1

// readyAddress is the environment variable with the address to which rank 0
// connects when all ranks listen for the signal.
const readyAddress = "FOLIOCAST_TEST_READY_ADDRESS"

// stop waits for the signal on every rank. Rank 0 then wakes the others from
// WaitSleeping.
func stop(world *mpi.Comm) error {
	received := make(chan os.Signal, 1)
	signal.Notify(received, stopSignal)
	if err := world.Barrier(); err != nil {
		return err
	}
	if world.Rank() == 0 {
		connection, err := net.Dial("tcp", os.Getenv(readyAddress))
		if err != nil {
			return err
		}
		defer connection.Close()
		<-received
	}
	request, err := mpi.Ibcast(world, make([]byte, 1), 0)
	if err != nil {
		return err
	}
	if err := request.WaitSleeping(10 * time.Millisecond); err != nil {
		return err
	}
	if world.Rank() > 0 {
		<-received
	}
	return nil
}

// startListening starts the world of stop; ready waits until all its ranks listen.
func startListening(t *testing.T) (cmd *exec.Cmd, ready func()) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	cmd, _, _ = start(t, "all stop on the signal", readyAddress+"="+listener.Addr().String())
	return cmd, func() {
		if err := listener.(*net.TCPListener).SetDeadline(time.Now().Add(time.Minute)); err != nil {
			t.Fatal(err)
		}
		connection, err := listener.Accept()
		if err != nil {
			t.Fatalf("the ranks did not get ready: %v", err)
		}
		t.Cleanup(func() { connection.Close() })
	}
}
