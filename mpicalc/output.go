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

// writeFile is writeFlagged for --output.
func writeFile(path string, write func(io.Writer) error) error {
	return writeFlagged("--output", path, write)
}

// writeFlagged writes the file that a flag names, as writeAll does.
func writeFlagged(flag, path string, write func(io.Writer) error) error {
	return writeAll([]target{{flag, path}}, func(to []io.Writer) error { return write(to[0]) })
}

// target is a file to write, and the flag that names it.
type target struct{ flag, path string }

// writeAll writes files together, whole or not at all, and removes the unfinished files when a signal ends the program. A file that
// cannot be created is the caller's fault; one that cannot be completed is a failure.
func writeAll(targets []target, write func([]io.Writer) error) error {
	ends := holdSignals()
	defer ends.release()
	var files []*outfile.File
	var to []io.Writer
	var temporary []string
	for _, t := range targets {
		f, err := outfile.Create(t.path)
		if err != nil {
			for _, made := range files {
				_ = made.End(err) // that error again
			}
			return fmt.Errorf("%s %w", t.flag, err)
		}
		files, to, temporary = append(files, f), append(to, f), append(temporary, f.Temporary())
	}
	ends.remove(temporary...)
	err := write(to)
	for i, f := range files {
		ended := f.End(err)
		if _, broken := errors.AsType[*worldError](err); broken {
			continue
		}
		if _, unwritten := errors.AsType[*outfile.WriteError](ended); unwritten && ended != err {
			ended = &failure{fmt.Errorf("%s %w", targets[i].flag, ended)}
		}
		err = ended
	}
	return err
}

// signals holds back the signals that end the program until an unfinished file is removed. mpirun sends its ranks SIGTERM
// when it is stopped, or when one of them dies, and leaves them one second.
type signals struct {
	arrived  chan os.Signal
	released chan struct{}
}

func holdSignals() *signals {
	s := &signals{arrived: make(chan os.Signal, 1), released: make(chan struct{})}
	// Notify would re-enable a signal that nohup, or a shell that runs this in the background, ignores.
	ends := slices.DeleteFunc([]os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP}, signal.Ignored)
	if len(ends) > 0 { // an empty list would mean all signals
		signal.Notify(s.arrived, ends...)
	}
	return s
}

// remove starts to wait for a signal: one that arrives before release removes the files at paths, unless they are empty, and
// ends the program.
func (s *signals) remove(paths ...string) {
	go func() {
		select {
		case arrived := <-s.arrived:
			for _, path := range paths {
				if path != "" {
					_ = os.Remove(path) // the program ends, whether it is gone or not
				}
			}
			end(arrived)
		case <-s.released:
		}
	}()
}

// release lets signals end the program as usual, including one that arrived in the meantime.
func (s *signals) release() {
	signal.Stop(s.arrived)
	close(s.released)
	select {
	case arrived := <-s.arrived:
		end(arrived)
	default:
	}
}

// end ends the program by a signal that was held back.
func end(by os.Signal) {
	signal.Reset(by)
	_ = syscall.Kill(os.Getpid(), by.(syscall.Signal)) // a process may always signal itself
}
