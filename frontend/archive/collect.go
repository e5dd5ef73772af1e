package archive

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
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

// Collect removes the files that no version names. used finds those of some files, by their
// SHA-256, that one names. While something is being stored, Collect does nothing. It
// returns how many files it removed, and how many bytes they had.
func (a *Archive) Collect(ctx context.Context, used func(context.Context, []string) (map[string]bool, error)) (files int, bytes int64, err error) {
	lock := flock.New(filepath.Join(a.dir, lockFile))
	free, err := lock.TryLock()
	if err != nil || !free {
		return 0, 0, err
	}
	defer lock.Close()
	paths, err := filepath.Glob(filepath.Join(a.dir, "*.arrow"))
	if err != nil {
		return 0, 0, fmt.Errorf("list the data directory: %w", err)
	}
	const some = 1000
	for from := 0; from < len(paths); from += some {
		part := paths[from:min(from+some, len(paths))]
		var sums []string
		for _, path := range part {
			if sum := strings.TrimSuffix(filepath.Base(path), ".arrow"); len(sum) == 64 { // others are temporary
				sums = append(sums, sum)
			}
		}
		named, err := used(ctx, sums)
		if err != nil {
			return files, bytes, err
		}
		for _, sum := range sums {
			if named[sum] {
				continue
			}
			info, err := os.Stat(a.path(sum))
			if err == nil {
				err = os.Remove(a.path(sum))
			}
			if err != nil {
				return files, bytes, fmt.Errorf("remove a file that no version names: %w", err)
			}
			files, bytes = files+1, bytes+info.Size()
		}
	}
	return files, bytes, nil
}
