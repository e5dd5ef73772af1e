package outfile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"github.com/google/renameio/v2"
)

// Replace replaces the file at path, or makes it, with the given text and exactly
// the given mode, whatever mode the old file had. A reader sees the old file or the
// new one, and the new text is at no time open to readers whom the mode excludes.
// When Replace returns nil, the new file survives a loss of power. Unlike [Create],
// it replaces a symbolic link itself.
func Replace(path string, text []byte, mode fs.FileMode) error {
	// renameio.WriteFile would keep the mode of the old file.
	f, err := renameio.NewPendingFile(path, renameio.WithTempDir(filepath.Dir(path)), renameio.WithStaticPermissions(mode))
	if err != nil {
		return err
	}
	defer f.Cleanup()
	if _, err := f.Write(text); err != nil {
		return err
	}
	if err := f.CloseAtomicallyReplace(); err != nil {
		return err
	}
	return SyncDir(filepath.Dir(path))
}

// SyncDir makes the entries of a directory durable: what was created in it, renamed
// or removed stays so after a loss of power. A file's own Sync does not do that. A
// file system that cannot sync a directory is no error.
func SyncDir(path string) error {
	dir, err := os.Open(path)
	if err != nil {
		return err
	}
	defer dir.Close()
	if err := dir.Sync(); err != nil && !errors.Is(err, syscall.EINVAL) && !errors.Is(err, errors.ErrUnsupported) {
		return err
	}
	return nil
}

// MakeDir makes a directory with its missing parents, as os.MkdirAll does, and makes
// the entries of all new ones durable.
func MakeDir(path string, mode fs.FileMode) error {
	path = filepath.Clean(path)
	var parents []string // of the new directories
	for dir := path; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(dir); err == nil || dir == filepath.Dir(dir) {
			break
		}
		parents = append(parents, filepath.Dir(dir))
	}
	if err := os.MkdirAll(path, mode); err != nil {
		return err
	}
	for _, dir := range parents {
		if err := SyncDir(dir); err != nil {
			return err
		}
	}
	return nil
}
