// Package mapfile maps whole files into memory.
package mapfile

import (
	"errors"
	"fmt"
	"os"
	"syscall"
)

// Open maps a file for reading, and returns its bytes and the function that unmaps them. An empty file has no bytes. It returns
// an error for what is not a regular file, such as a directory or a pipe.
func Open(path string) ([]byte, func() error, error) {
	// Without O_NONBLOCK, opening a pipe waits until some process writes to it.
	file, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, nil, missing(path, err)
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

// missing turns the error for a missing file into a sentence for the person who named it.
func missing(path string, err error) error {
	if errors.Is(err, os.ErrNotExist) {
		return missingFile(path)
	}
	return err
}

// missingFile is the path of a file that does not exist. It is an [os.ErrNotExist].
type missingFile string

func (m missingFile) Error() string { return "there is no file " + string(m) }

// Is reports whether target is [os.ErrNotExist].
func (m missingFile) Is(target error) bool { return target == os.ErrNotExist }
