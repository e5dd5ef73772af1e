package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"syscall"

	"foliocast/internal/outfile"
)

// writeFile writes the file that --output names, whole or not at all, and removes what it began when a signal ends the
// program. A file that cannot be made is the caller's fault; one that cannot be written to its end is a failure.
func writeFile(path string, write func(io.Writer) error) error {
	ends := holdSignals()
	defer ends.release()
	f, err := outfile.Create(path)
	if err != nil {
		return fmt.Errorf("--output %w", err)
	}
	ends.remove(f.Temporary())
	err = write(f)
	ended := f.End(err)
	if _, broken := errors.AsType[*worldError](err); broken {
		return err
	}
	if _, unwritten := errors.AsType[*outfile.WriteError](ended); unwritten {
		return &failure{fmt.Errorf("--output %w", ended)}
	}
	return ended
}

// signals are those that end the program, held back until an unfinished file is removed. mpirun sends its ranks
// SIGTERM when it is stopped, or when one of them dies, and leaves them one second.
type signals struct {
	came     chan os.Signal
	released chan struct{}
}

func holdSignals() *signals {
	s := &signals{came: make(chan os.Signal, 1), released: make(chan struct{})}
	// Notify would wake a signal that nohup, or a shell for its background, has put to sleep.
	ends := slices.DeleteFunc([]os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP}, signal.Ignored)
	if len(ends) > 0 { // an empty list would stand for all signals
		signal.Notify(s.came, ends...)
	}
	return s
}

// remove removes the file at path, which may be empty for none, when a signal comes before the release.
func (s *signals) remove(path string) {
	go func() {
		select {
		case came := <-s.came:
			if path != "" {
				_ = os.Remove(path) // the program ends, whether it is gone or not
			}
			end(came)
		case <-s.released:
		}
	}()
}

// release lets signals end the program as usual, and also one that came meanwhile.
func (s *signals) release() {
	signal.Stop(s.came)
	close(s.released)
	select {
	case came := <-s.came:
		end(came)
	default:
	}
}

// end ends the program by a signal that was held back.
func end(by os.Signal) {
	signal.Reset(by)
	_ = syscall.Kill(os.Getpid(), by.(syscall.Signal)) // a process may always signal itself
}
