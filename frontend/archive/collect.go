package archive

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/gofrs/flock"
)

// lockFile is the file in the directory by whose lock uploads keep collectors away.
const lockFile = "collect.lock"

// lockAgain is the time between two tries to get the lock.
const lockAgain = 20 * time.Millisecond

// Share keeps Collect away, of this process and of others, until the function that it
// returns is called: while a file is stored that no version names yet. It waits for a
// Collect that is under way until ctx ends.
func (a *Archive) Share(ctx context.Context) (release func(), err error) {
	lock := flock.New(filepath.Join(a.dir, lockFile))
	if _, err := lock.TryRLockContext(ctx, lockAgain); err != nil {
		return nil, fmt.Errorf("lock the data directory: %w", err)
	}
	return func() { _ = lock.Close() }, nil
}

// Collect removes the files that no version names, and that no tail of such a file goes on from. used finds those of some
// files, by their SHA-256, that one names. While something is being stored, Collect does nothing. It returns how many files it
// removed, and how many bytes they had.
func (a *Archive) Collect(ctx context.Context, used func(context.Context, []string) (map[string]bool, error)) (files int, bytes int64, err error) {
	lock := flock.New(filepath.Join(a.dir, lockFile))
	free, err := lock.TryLock()
	if err != nil || !free {
		return 0, 0, err
	}
	defer lock.Close()
	a.wholes.forget()
	paths, err := a.stored()
	if err != nil {
		return 0, 0, err
	}
	needed := make(map[string]bool)
	const some = 1000
	for part := range slices.Chunk(paths, some) {
		var sums []string
		for _, path := range part {
			sums = append(sums, sumIn(path))
		}
		named, err := used(ctx, sums)
		if err != nil {
			return 0, 0, err
		}
		for sum, is := range named {
			if !is {
				continue
			}
			if err := a.need(sum, needed); err != nil {
				return 0, 0, err
			}
		}
	}
	for _, path := range paths {
		if needed[sumIn(path)] {
			continue
		}
		info, err := os.Stat(path)
		if err == nil {
			err = os.Remove(path)
		}
		if err != nil {
			return files, bytes, fmt.Errorf("remove a file that no version names: %w", err)
		}
		files, bytes = files+1, bytes+info.Size()
	}
	return files, bytes, nil
}

// stored lists the files of tables.
func (a *Archive) stored() ([]string, error) {
	var out []string
	for _, pattern := range []string{"*.arrow", "*.tail"} {
		paths, err := filepath.Glob(filepath.Join(a.dir, pattern))
		if err != nil {
			return nil, fmt.Errorf("list the data directory: %w", err)
		}
		out = append(out, paths...)
	}
	return slices.DeleteFunc(out, func(path string) bool { return len(sumIn(path)) != 64 }), nil // others are temporary
}

// sumIn is the SHA-256 in the name of a file.
func sumIn(path string) string {
	name := filepath.Base(path)
	return strings.TrimSuffix(name, filepath.Ext(name))
}

// need notes that a file is needed, and those that its tail goes on from.
func (a *Archive) need(sum string, needed map[string]bool) error {
	for !needed[sum] {
		needed[sum] = true
		from, err := a.tailOf(sum)
		if errors.Is(err, os.ErrNotExist) {
			return nil // it is whole, or missing
		}
		if err != nil {
			return err
		}
		sum = from.SHA256
	}
	return nil
}
