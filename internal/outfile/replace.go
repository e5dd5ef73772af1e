package outfile

import (
	"io/fs"
	"path/filepath"

	"github.com/google/renameio/v2"
)

// Replace replaces the file at path, or makes it, with the given text and exactly
// the given mode, whatever mode the old file had. A reader sees the old file or the
// new one, and the new text is at no time open to readers whom the mode excludes.
// Unlike [Create], it replaces a symbolic link itself.
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
	return f.CloseAtomicallyReplace()
}
