package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"syscall"
)

// writeFile writes a file that is there whole or not at all: into a temporary file beside it, which then takes its
// name, and which a signal that ends the program takes along. A device or pipe, such as /dev/stdout, is written
// directly. A file that cannot be made is the caller's fault; one that cannot be written to its end is a failure.
func writeFile(path string, write func(io.Writer) error) error {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return writeTo(path, path, os.O_WRONLY, write)
	}
	temporary := filepath.Join(filepath.Dir(path), fmt.Sprintf(".%s.%d", filepath.Base(path), os.Getpid()))
	defer removeWhenStopped(temporary)()
	err := writeTo(temporary, path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, write)
	if err == nil {
		if err = os.Rename(temporary, path); err != nil {
			err = &failure{err}
		}
	}
	if err != nil && !errors.Is(err, os.ErrExist) {
		os.Remove(temporary) // what is not there needs no removing
	}
	return err
}

// writeTo writes the file at path, which an error calls by its later name.
func writeTo(path, name string, flags int, write func(io.Writer) error) error {
	f, err := os.OpenFile(path, flags, 0o666)
	if err != nil {
		return fmt.Errorf("--output %s cannot be made: %w", name, pathless(err))
	}
	out := bufio.NewWriterSize(f, 1<<16)
	err = write(out)
	ended := out.Flush() // a write that failed fails again here
	if closed := f.Close(); ended == nil {
		ended = closed
	}
	if _, broken := errors.AsType[*worldError](err); ended != nil && !broken {
		return &failure{fmt.Errorf("--output %s cannot be written: %w", name, pathless(ended))}
	}
	return err
}

// pathless is the cause of an error about a file that has another name later.
func pathless(err error) error {
	if cause, ok := errors.AsType[*fs.PathError](err); ok {
		return cause.Err
	}
	return err
}

// removeWhenStopped removes the file when a signal ends the program, until the returned function is called. mpirun
// sends its ranks SIGTERM when it is stopped, or when one of them dies, and leaves them one second.
func removeWhenStopped(path string) (release func()) {
	// Notify would wake what nohup, or a shell for its background, has put to sleep.
	ends := slices.DeleteFunc([]os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP}, signal.Ignored)
	stopped, released := make(chan os.Signal, 1), make(chan struct{})
	if len(ends) > 0 { // none would stand for all
		signal.Notify(stopped, ends...)
	}
	go func() {
		select {
		case s := <-stopped:
			os.Remove(path)
			signal.Reset(s)
			syscall.Kill(os.Getpid(), s.(syscall.Signal))
		case <-released:
		}
	}()
	return func() { signal.Stop(stopped); close(released) }
}
