package foliocast

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/gofrs/flock"

	"foliocast/foliocast/slurm"
	"foliocast/internal/outfile"
	"foliocast/internal/problem"
)

// scaleStore keeps what slurm scale remembers, for one process at a time.
type scaleStore struct {
	path   string
	lock   *flock.Flock
	memory slurm.Memory
}

// scalePath is the file for the pilots of a name.
func (a *app) scalePath(name string) (string, error) {
	dir := a.env("XDG_STATE_HOME")
	if !filepath.IsAbs(dir) {
		home := a.env("HOME")
		if home == "" {
			return "", usagef("neither XDG_STATE_HOME nor HOME is set: there is nowhere to keep what scale remembers")
		}
		dir = filepath.Join(home, ".local", "state")
	}
	return filepath.Join(dir, "foliocast", "slurm-"+name+".json"), nil
}

// scaleStore locks the file and reads it.
func (a *app) scaleStore(name string) (*scaleStore, error) {
	path, err := a.scalePath(name)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("keep what scale remembers: %w", err)
	}
	s := &scaleStore{path: path, lock: flock.New(path+".lock", flock.SetPermissions(0o600))}
	locked, err := s.lock.TryLock()
	if err != nil {
		return nil, fmt.Errorf("keep what scale remembers: %w", err)
	}
	if !locked {
		return nil, problem.Newf(problem.Conflict, "another foliocast slurm scale looks after the pilots named %s", name)
	}
	if s.memory, err = a.readScaleMemory(name); err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

// readScaleMemory reads the file, which may be missing.
func (a *app) readScaleMemory(name string) (slurm.Memory, error) {
	var m slurm.Memory
	path, err := a.scalePath(name)
	if err != nil {
		return m, err
	}
	text, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return m, nil
	case err != nil:
		return m, fmt.Errorf("read what scale remembers: %w", err)
	}
	if err := json.Unmarshal(text, &m); err != nil || m.Failures < 0 {
		return m, fmt.Errorf("%s does not hold what scale remembers: remove it", path)
	}
	return m, nil
}

func (s *scaleStore) save() error {
	text, err := json.Marshal(s.memory)
	if err != nil {
		return err
	}
	if err := outfile.Replace(s.path, append(text, '\n'), 0o600); err != nil {
		return fmt.Errorf("keep what scale remembers: %w", err)
	}
	return nil
}

func (s *scaleStore) close() { _ = s.lock.Close() }
