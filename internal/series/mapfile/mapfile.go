// Package mapfile maps files into memory, for readers that take a whole file or leave its values where they lie.
package mapfile

import (
	"errors"
	"fmt"
	"os"
	"syscall"
)

// Open maps a whole file for reading, and returns its bytes with the function that gives them back. An empty file is an
// empty slice. What is not a regular file is refused.
func Open(path string) ([]byte, func() error, error) {
	// A pipe that nobody writes to would never open, if opening waited.
	file, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, nil, exists(path, err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, nil, fmt.Errorf("map %s: %w", path, err)
	}
	if !info.Mode().IsRegular() {
		return nil, nil, fmt.Errorf("%s is not a regular file", path)
	}
	if info.Size() == 0 {
		return nil, func() error { return nil }, nil
	}
	data, err := syscall.Mmap(int(file.Fd()), 0, int(info.Size()), syscall.PROT_READ, syscall.MAP_SHARED)
	if err != nil {
		return nil, nil, fmt.Errorf("map %s: %w", path, err)
	}
	return data, func() error { return syscall.Munmap(data) }, nil
}

// exists turns the error of a missing file into a sentence for the person who named it.
func exists(path string, err error) error {
	if errors.Is(err, os.ErrNotExist) {
		return missingFile(path)
	}
	return err
}

// missingFile is the path of a file that is not there. It is an [os.ErrNotExist].
type missingFile string

func (m missingFile) Error() string { return "there is no file " + string(m) }

// Is reports whether target is the error for what does not exist.
func (m missingFile) Is(target error) bool { return target == os.ErrNotExist }
