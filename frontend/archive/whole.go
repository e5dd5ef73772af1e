package archive

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"

	"foliocast/internal/series/arrow"
)

// wholes are files that were written from a table with tails, for those who want the whole file. They have no name and
// disappear when they are closed. The one that was used last is kept open for the next request.
type wholes struct {
	mu   sync.Mutex
	open map[string]*whole
	idle *whole
}

type whole struct {
	sha256 string
	once   sync.Once
	file   *os.File
	size   int64
	err    error
	users  int // under the lock of wholes
}

// File opens the whole file of a stored table. The error is os.ErrNotExist if the file is missing.
func (a *Archive) File(sha256 string) (io.ReadSeekCloser, error) {
	f, err := os.Open(a.path(sha256))
	if err == nil {
		return f, nil
	}
	if !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("open a dataset: %w", err)
	}
	if _, err := os.Stat(a.tailPath(sha256)); err != nil { // it was removed, though its table may still be mapped
		return nil, fmt.Errorf("open a dataset: %w", err)
	}
	w := a.wholes.take(sha256)
	w.once.Do(func() { w.file, w.size, w.err = a.makeWhole(sha256) })
	if w.err != nil {
		a.wholes.release(w)
		return nil, w.err
	}
	return &wholeReader{SectionReader: io.NewSectionReader(w.file, 0, w.size), release: sync.OnceFunc(func() { a.wholes.release(w) })}, nil
}

// wholeReader reads a file that others read at the same time.
type wholeReader struct {
	*io.SectionReader
	release func()
}

func (r *wholeReader) Close() error {
	r.release()
	return nil
}

// makeWhole writes a table to a file without a name.
func (a *Archive) makeWhole(sha256 string) (*os.File, int64, error) {
	table, done, err := a.Table(sha256)
	if err != nil {
		return nil, 0, err
	}
	defer done()
	f, err := a.Temp(".arrow")
	if err != nil {
		return nil, 0, err
	}
	out := bufio.NewWriterSize(f, 1<<20)
	err = errors.Join(os.Remove(f.Name()), arrow.Write(out, table), out.Flush())
	if err == nil {
		var size int64
		if size, err = f.Seek(0, io.SeekEnd); err == nil {
			return f, size, nil
		}
	}
	return nil, 0, errors.Join(fmt.Errorf("write the whole file of a dataset: %w", err), f.Close())
}

func (w *wholes) take(sha256 string) *whole {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.open == nil {
		w.open = make(map[string]*whole)
	}
	one := w.open[sha256]
	if one == nil {
		one = &whole{sha256: sha256}
		w.open[sha256] = one
	}
	if w.idle == one {
		w.idle = nil
	}
	one.users++
	return one
}

func (w *wholes) release(one *whole) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if one.users--; one.users > 0 {
		return
	}
	if one.err != nil {
		delete(w.open, one.sha256)
		return
	}
	w.closeIdle()
	w.idle = one
}

// closeIdle closes the file that is kept open. The caller holds the lock.
func (w *wholes) closeIdle() {
	if w.idle != nil {
		delete(w.open, w.idle.sha256)
		_ = w.idle.file.Close() // it has no name, and nobody reads it
		w.idle = nil
	}
}

// forget closes the file that is kept open.
func (w *wholes) forget() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.closeIdle()
}
