// Package outfile writes every file that must appear whole or not at all: those
// that a person names with --output, by [Create], and those that a program needs
// again later, by [Replace]. What is written goes into a temporary file beside it,
// which replaces it at the end, once it is on disk; then the directory is synced, so
// that the new file is still there after a loss of power. A program that is killed
// may leave its temporary file behind; no later run depends on that name.
//
// With --output, a symbolic link stays, and the file that it leads to is replaced. A file that
// is replaced keeps its mode. A device or a pipe, such as /dev/stdout, is written
// directly. The package does not handle signals.
package outfile

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"github.com/google/renameio/v2"
)

// File is a file that is being written. It is not safe for concurrent use.
type File struct {
	name    string
	out     *bufio.Writer
	direct  *os.File              // a device or a pipe, or nil
	pending *renameio.PendingFile // anything else, or nil
}

// CreateError says that a file cannot be created.
type CreateError struct {
	Path string // as the person typed it
	Err  error
}

func (e *CreateError) Error() string { return fmt.Sprintf("%s cannot be created: %v", e.Path, e.Err) }

// Unwrap returns the cause, which names no file.
func (e *CreateError) Unwrap() error { return e.Err }

// WriteError says that a file could not be completed.
type WriteError struct {
	Path string // as the person typed it
	Err  error
}

func (e *WriteError) Error() string { return fmt.Sprintf("%s cannot be written: %v", e.Path, e.Err) }

// Unwrap returns the cause, which names no file.
func (e *WriteError) Unwrap() error { return e.Err }

// Create begins to write the file at path. The caller ends it with [File.End].
// The error is a *CreateError.
func Create(path string) (*File, error) {
	f := &File{name: path}
	var err error
	if info, missing := os.Stat(path); missing == nil && !info.Mode().IsRegular() {
		f.direct, err = os.OpenFile(path, os.O_WRONLY, 0)
	} else {
		f.pending, err = pending(path)
	}
	if err != nil {
		return nil, &CreateError{path, cause(err)}
	}
	if f.direct != nil {
		f.out = bufio.NewWriterSize(f.direct, 1<<16)
	} else {
		f.out = bufio.NewWriterSize(f.pending, 1<<16)
	}
	return f, nil
}

// pending makes the temporary file that will replace the one at path.
func pending(path string) (*renameio.PendingFile, error) {
	target, err := follow(path)
	if err != nil {
		return nil, err
	}
	return renameio.NewPendingFile(target, renameio.WithTempDir(filepath.Dir(target)),
		renameio.WithPermissions(0o666), renameio.WithExistingPermissions())
}

// mostLinks is how many links the kernel follows.
const mostLinks = 40

// follow returns the path of the file that path leads to through symbolic
// links. The file need not exist; its directory must.
func follow(path string) (string, error) {
	for range mostLinks {
		dir, base := filepath.Split(path)
		if dir == "" {
			dir = "."
		}
		real, err := filepath.EvalSymlinks(dir)
		if err != nil {
			return "", err
		}
		path = filepath.Join(real, base)
		link, err := os.Readlink(path)
		if err != nil {
			return path, nil // it is not a link, or does not exist
		}
		if path = link; !filepath.IsAbs(link) {
			path = real + string(filepath.Separator) + link // not joined: the parent that .. means depends on links
		}
	}
	return "", syscall.ELOOP
}

// Write adds to the file.
func (f *File) Write(b []byte) (int, error) { return f.out.Write(b) }

// Temporary is the path of the temporary file, or empty when there is none. A
// program that exits before End must remove it.
func (f *File) Temporary() string {
	if f.pending == nil {
		return ""
	}
	return f.pending.Name()
}

// End completes the file. When err is nil and everything was written, the new
// file takes its place; otherwise it is discarded, except for what a device or
// a pipe has already received. End returns a *WriteError when writing failed,
// whatever err is, and err otherwise.
func (f *File) End(err error) error {
	fault := f.out.Flush() // a write that failed fails again here
	switch {
	case f.direct != nil:
		if closed := f.direct.Close(); fault == nil {
			fault = closed
		}
	case err == nil && fault == nil:
		if fault = f.pending.CloseAtomicallyReplace(); fault == nil {
			fault = SyncDir(filepath.Dir(f.pending.Name()))
		}
	}
	if f.pending != nil {
		_ = f.pending.Cleanup() // there is nothing to do about a file that cannot be removed
	}
	if fault != nil {
		return &WriteError{f.name, cause(fault)}
	}
	return err
}

// cause strips from an error the name of the file, which is that of the
// temporary one.
func cause(err error) error {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return e.Err
	}
	if e, ok := errors.AsType[*os.LinkError](err); ok {
		return e.Err
	}
	return err
}
