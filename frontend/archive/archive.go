// Package archive stores the values of each version of a dataset as an Arrow
// file, which is named by the SHA-256 of its content, in a directory that all
// processes of the data service share. A file appears when it is complete, and
// never changes.
//
// Of values that go on from those of another version, only what they have beyond
// these is stored: a tail, named by the SHA-256 of the whole file that both make.
// Nobody outside of this package sees the difference.
package archive

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"foliocast/internal/outfile"
	"foliocast/internal/series"
	"foliocast/internal/series/arrow"
)

// Archive is a directory of Arrow files. Safe for concurrent use.
type Archive struct {
	dir    string
	cache  *cache
	wholes wholes
	create func(dir, pattern string) (*os.File, error) // makes a temporary file
}

// Stored names a file by its content.
type Stored struct {
	SHA256 string // lower-case hexadecimal
	Bytes  int64
	Disk   int64 // how many bytes are stored: fewer than Bytes where the values go on from others
}

// Open returns the archive in dir. It creates the directory if it is missing, closes it
// to other users, and removes the temporary files that dead processes left. The archive
// keeps up to open tables mapped.
func Open(dir string, open int) (*Archive, error) {
	if err := outfile.MakeDir(dir, 0o700); err != nil {
		return nil, fmt.Errorf("create the data directory: %w", err)
	}
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("find the data directory: %w", err)
	}
	if err := closeToOthers(abs); err != nil {
		return nil, fmt.Errorf("close the data directory to other users: %w", err)
	}
	a := &Archive{dir: abs, cache: newCache(open), create: os.CreateTemp}
	if err := a.Sweep(); err != nil {
		return nil, err
	}
	return a, nil
}

// closeToOthers takes the rights of other users from a directory that an earlier version
// made. Those of its group stay as somebody may have set them.
func closeToOthers(dir string) error {
	info, err := os.Stat(dir)
	if err != nil || info.Mode().Perm()&0o007 == 0 {
		return err
	}
	return os.Chmod(dir, info.Mode().Perm()&^0o007)
}

// Put stores a table. When it returns, the file is on disk under its name.
func (a *Archive) Put(t *series.Table) (Stored, error) {
	sum := sha256.New()
	name := ""
	bytes, err := a.write(func(w io.Writer) error {
		err := arrow.Write(io.MultiWriter(w, sum), t)
		name = hex.EncodeToString(sum.Sum(nil))
		return err
	}, func() string { return a.path(name) })
	return Stored{SHA256: name, Bytes: bytes, Disk: bytes}, err
}

// write makes a file, and renames it when it is on disk. It returns its size.
func (a *Archive) write(content func(io.Writer) error, path func() string) (int64, error) {
	f, err := a.Temp(".arrow")
	if err != nil {
		return 0, err
	}
	defer os.Remove(f.Name()) // does nothing after the rename
	defer f.Close()
	out := bufio.NewWriterSize(f, 1<<20)
	if err := errors.Join(content(out), out.Flush()); err != nil {
		return 0, fmt.Errorf("write a dataset: %w", err)
	}
	info, err := f.Stat()
	if err != nil {
		return 0, fmt.Errorf("write a dataset: %w", err)
	}
	if err := errors.Join(f.Chmod(0o644), f.Sync()); err != nil {
		return 0, fmt.Errorf("write a dataset: %w", err)
	}
	// While the file is open, it is locked, and so nobody takes it for abandoned.
	if err := os.Rename(f.Name(), path()); err != nil {
		return 0, fmt.Errorf("rename a dataset's file: %w", err)
	}
	if err := outfile.SyncDir(a.dir); err != nil {
		return 0, fmt.Errorf("write the data directory: %w", err)
	}
	return info.Size(), nil
}

func (a *Archive) path(sha256 string) string { return filepath.Join(a.dir, sha256+".arrow") }

// Table returns a stored table and a function that releases it. The caller must
// not use the table after that.
func (a *Archive) Table(sha256 string) (*series.Table, func(), error) {
	e := a.cache.take(sha256)
	e.once.Do(func() { e.table, e.err = a.open(sha256, 0) })
	if e.err != nil {
		a.cache.drop(e)
		return nil, nil, fmt.Errorf("open a dataset: %w", e.err)
	}
	a.cache.opened(e)
	return e.table, func() { a.cache.release(e) }, nil
}
