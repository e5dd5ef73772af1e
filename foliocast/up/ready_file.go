package up

import (
	"context"
	"crypto/rand"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sync/atomic"
)

// readyFile is the file that a world writes when it is ready. Each world gets
// a path of its own, so that a file from an earlier one never counts. Safe for
// concurrent use.
type readyFile struct {
	path atomic.Pointer[string]
}

// next chooses and returns the path for the world that is about to start.
func (r *readyFile) next(dir string) string {
	path := filepath.Join(dir, "ready-"+rand.Text()+".json")
	r.path.Store(&path)
	return path
}

// written returns nil once the newest world has written its file.
func (r *readyFile) written(context.Context) error {
	path := r.path.Load()
	if path == nil {
		return errNotReady
	}
	_, err := os.Stat(*path)
	if errors.Is(err, fs.ErrNotExist) {
		return errNotReady
	}
	return err
}

var errNotReady = errors.New("it has not announced that it is ready")
