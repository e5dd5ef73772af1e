package up

import (
	"context"
	"crypto/rand"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// readyFile is the file that a world writes when it is ready, and touches as long as
// its first rank lives. Each world gets a path of its own, so that a file from an
// earlier one never counts. Safe for concurrent use.
type readyFile struct {
	mu      sync.Mutex
	path    string
	touched time.Time // as far as beating has seen
}

// next chooses and returns the path for the world that is about to start.
func (r *readyFile) next(dir string) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.path = filepath.Join(dir, "ready-"+rand.Text()+".json")
	r.touched = time.Time{}
	return r.path
}

// written returns nil once the newest world has written its file.
func (r *readyFile) written(context.Context) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	_, err := r.stat()
	return err
}

// beating returns nil when the newest world has touched its file since the last call.
func (r *readyFile) beating(context.Context) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	info, err := r.stat()
	if err != nil {
		return err
	}
	if info.ModTime().Equal(r.touched) {
		return errors.New("its first rank no longer touches " + r.path)
	}
	r.touched = info.ModTime()
	return nil
}

func (r *readyFile) stat() (fs.FileInfo, error) {
	if r.path == "" {
		return nil, errNotReady
	}
	info, err := os.Stat(r.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errNotReady
	}
	return info, err
}

var errNotReady = errors.New("it has not announced that it is ready")
