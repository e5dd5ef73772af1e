package archive

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// Temp creates a temporary file in the archive, with a name that ends in suffix. Until the
// caller closes it, it is locked: so another process that looks for files of dead
// processes leaves it alone. The caller removes it.
func (a *Archive) Temp(suffix string) (*os.File, error) {
	f, err := a.create(a.dir, "tmp-*"+suffix)
	if err != nil {
		return nil, fmt.Errorf("create a temporary file: %w", err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return nil, errors.Join(fmt.Errorf("lock a temporary file: %w", err), os.Remove(f.Name()), f.Close())
	}
	return f, nil
}

// newborn is the age below which a temporary file may not be locked yet.
const newborn = 10 * time.Second

// Sweep removes the temporary files that no living process has open.
func (a *Archive) Sweep() error {
	all, err := filepath.Glob(filepath.Join(a.dir, "tmp-*"))
	if err != nil {
		return fmt.Errorf("list the data directory: %w", err)
	}
	for _, path := range all {
		if err := removeDead(path); err != nil && !errors.Is(err, os.ErrNotExist) { // another process may have been faster
			return fmt.Errorf("remove a temporary file: %w", err)
		}
	}
	return nil
}

// removeDead removes a temporary file if its process is dead.
func removeDead(path string) error {
	info, err := os.Stat(path)
	if err != nil || time.Since(info.ModTime()) < newborn || !info.Mode().IsRegular() {
		return err
	}
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	if syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) != nil {
		return nil // somebody works on it
	}
	return os.Remove(path)
}
