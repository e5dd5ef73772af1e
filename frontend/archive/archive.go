// Package archive stores the values of each version of a dataset as an Arrow
// file, which is named by the SHA-256 of its content, in a directory that all
// processes of the data service share. A file appears when it is complete, and
// never changes.
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
	"time"

	"foliocast/internal/outfile"
	"foliocast/internal/series"
	"foliocast/internal/series/arrow"
)

// Archive is a directory of Arrow files. Safe for concurrent use.
type Archive struct {
	dir   string
	cache *cache
}

// Stored names a file by its content.
type Stored struct {
	SHA256 string // lower-case hexadecimal
	Bytes  int64
}

// abandoned is the age at which a temporary file counts as left behind by a
// process that died.
const abandoned = 24 * time.Hour

// Open returns the archive in dir. It creates the directory if it is missing and
// removes the temporary files that dead processes left. The archive keeps up to open
// tables mapped.
func Open(dir string, open int) (*Archive, error) {
	if err := outfile.MakeDir(dir, 0o755); err != nil {
		return nil, fmt.Errorf("create the data directory: %w", err)
	}
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("find the data directory: %w", err)
	}
	left, err := filepath.Glob(filepath.Join(abs, "tmp-*"))
	if err != nil {
		return nil, fmt.Errorf("list the data directory: %w", err)
	}
	for _, path := range left {
		info, err := os.Stat(path)
		if err == nil && time.Since(info.ModTime()) > abandoned {
			_ = os.Remove(path) // another process may have been faster
		}
	}
	return &Archive{dir: abs, cache: newCache(open)}, nil
}

// Temp creates a temporary file in the archive, with a name that ends in suffix.
// The caller removes it.
func (a *Archive) Temp(suffix string) (*os.File, error) {
	f, err := os.CreateTemp(a.dir, "tmp-*"+suffix)
	if err != nil {
		return nil, fmt.Errorf("create a temporary file: %w", err)
	}
	return f, nil
}

// Put stores a table. When it returns, the file is on disk under its name.
func (a *Archive) Put(t *series.Table) (Stored, error) {
	f, err := a.Temp(".arrow")
	if err != nil {
		return Stored{}, err
	}
	defer os.Remove(f.Name()) // does nothing after the rename
	defer f.Close()
	sum := sha256.New()
	out := bufio.NewWriterSize(io.MultiWriter(f, sum), 1<<20)
	if err := errors.Join(arrow.Write(out, t), out.Flush()); err != nil {
		return Stored{}, fmt.Errorf("write a dataset: %w", err)
	}
	info, err := f.Stat()
	if err != nil {
		return Stored{}, fmt.Errorf("write a dataset: %w", err)
	}
	s := Stored{SHA256: hex.EncodeToString(sum.Sum(nil)), Bytes: info.Size()}
	if err := errors.Join(f.Chmod(0o644), f.Sync(), f.Close()); err != nil {
		return Stored{}, fmt.Errorf("write a dataset: %w", err)
	}
	if err := os.Rename(f.Name(), a.path(s.SHA256)); err != nil {
		return Stored{}, fmt.Errorf("rename a dataset's file: %w", err)
	}
	if err := outfile.SyncDir(a.dir); err != nil {
		return Stored{}, fmt.Errorf("write the data directory: %w", err)
	}
	return s, nil
}

func (a *Archive) path(sha256 string) string { return filepath.Join(a.dir, sha256+".arrow") }

// File opens a stored file. The error is os.ErrNotExist if the file is missing.
func (a *Archive) File(sha256 string) (*os.File, error) {
	f, err := os.Open(a.path(sha256))
	if err != nil {
		return nil, fmt.Errorf("open a dataset: %w", err)
	}
	return f, nil
}

// Table returns a stored table and a function that releases it. The caller must
// not use the table after that.
func (a *Archive) Table(sha256 string) (*series.Table, func(), error) {
	e := a.cache.take(sha256)
	e.once.Do(func() { e.table, e.err = arrow.Open(a.path(sha256)) })
	if e.err != nil {
		a.cache.drop(e)
		return nil, nil, fmt.Errorf("open a dataset: %w", e.err)
	}
	a.cache.opened(e)
	return e.table, func() { a.cache.release(e) }, nil
}
