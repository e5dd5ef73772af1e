package up

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/gofrs/flock"
)

// Running says that the state directory already has a supervisor.
type Running struct {
	State string
	PID   int // 0 when it is not known yet
}

func (r *Running) Error() string {
	return fmt.Sprintf("Foliocast is already running in %s (process %d): stop it with foliocast down --state %s", r.State, r.PID, r.State)
}

// lockState makes this process the only supervisor of a state directory until
// the lock is closed or the process ends, however it ends.
func lockState(dir string) (*flock.Flock, error) {
	lock := flock.New(lockPath(dir), flock.SetPermissions(0o600))
	locked, err := lock.TryLock()
	if err != nil {
		return nil, fmt.Errorf("lock the state directory: %w", err)
	}
	if !locked {
		return nil, &Running{State: dir, PID: holder(dir)}
	}
	if err := os.WriteFile(lockPath(dir), []byte(strconv.Itoa(os.Getpid())), 0o600); err != nil {
		lock.Close()
		return nil, fmt.Errorf("lock the state directory: %w", err)
	}
	return lock, nil
}

func lockPath(dir string) string { return filepath.Join(dir, "lock") }

// holder is the process that wrote itself into the lock file, or 0.
func holder(dir string) int {
	text, err := os.ReadFile(lockPath(dir))
	if err != nil {
		return 0
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		return 0 // it is being written
	}
	return pid
}

// Down stops the supervisor of a state directory with all its parts, or the
// processes that a killed supervisor left. It reports whether there was anything to
// stop.
func Down(ctx context.Context, state string) (bool, error) {
	dir, err := filepath.Abs(state)
	if err != nil {
		return false, err
	}
	_, err = os.Stat(lockPath(dir))
	switch {
	case errors.Is(err, os.ErrNotExist), errors.Is(err, syscall.ENOTDIR):
		return false, nil
	case err != nil: // something may run there
		return false, fmt.Errorf("read the state directory: %w", err)
	}
	told := 0
	for {
		lock, err := lockState(dir)
		if err == nil {
			defer lock.Close()
			swept := sweep(ctx, dir)
			clean(dir)
			return told != 0 || swept, removeRun(dir)
		}
		running, ok := errors.AsType[*Running](err)
		if !ok {
			return false, err
		}
		if running.PID > 1 && running.PID != told {
			if err := syscall.Kill(running.PID, syscall.SIGTERM); err != nil && !errors.Is(err, syscall.ESRCH) {
				return false, fmt.Errorf("stop process %d: %w", running.PID, err)
			}
			told = running.PID
		}
		select {
		case <-ctx.Done():
			return false, fmt.Errorf("process %d has not stopped: %w", running.PID, context.Cause(ctx))
		case <-time.After(50 * time.Millisecond):
		}
	}
}
