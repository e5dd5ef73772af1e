package up

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Running says that a supervisor works in the state directory already.
type Running struct {
	State string
	PID   int // 0 when it is not known yet
}

func (r *Running) Error() string {
	return fmt.Sprintf("Foliocast is running already in %s (process %d): stop it with foliocast down --state %s", r.State, r.PID, r.State)
}

// lockState makes this process the only supervisor of a state directory until
// the file is closed or the process ends, however it ends.
func lockState(dir string) (*os.File, error) {
	f, err := os.OpenFile(lockPath(dir), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock the state directory: %w", err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		defer f.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, &Running{State: dir, PID: holder(f)}
		}
		return nil, fmt.Errorf("lock the state directory: %w", err)
	}
	if err := errors.Join(f.Truncate(0), writeAt(f, strconv.Itoa(os.Getpid()))); err != nil {
		f.Close()
		return nil, fmt.Errorf("lock the state directory: %w", err)
	}
	return f, nil
}

func lockPath(dir string) string { return filepath.Join(dir, "lock") }

func writeAt(f *os.File, text string) error {
	_, err := f.WriteAt([]byte(text), 0)
	return err
}

// holder is the process that wrote itself into the lock file, or 0.
func holder(f *os.File) int {
	text, err := io.ReadAll(io.NewSectionReader(f, 0, 32))
	if err != nil {
		return 0
	}
	pid, _ := strconv.Atoi(strings.TrimSpace(string(text)))
	return pid
}

// Down stops the supervisor of a state directory with all its parts, and what
// a killed one left. It reports whether there was anything to stop.
func Down(ctx context.Context, state string) (bool, error) {
	dir, err := filepath.Abs(state)
	if err != nil {
		return false, err
	}
	_, err = os.Stat(lockPath(dir))
	switch {
	case errors.Is(err, os.ErrNotExist), errors.Is(err, syscall.ENOTDIR):
		return false, nil
	case err != nil: // nobody knows what runs where nobody may look
		return false, fmt.Errorf("look into the state directory: %w", err)
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
