package up

import (
	"context"
	"syscall"
	"time"
)

// sweepPatience is how long the processes that a killed supervisor left may take to
// end after SIGINT.
const sweepPatience = 10 * time.Second

// sweep ends the processes that an earlier supervisor of the state directory
// left behind, and reports whether there were any. SIGINT asks the services
// and mpirun to stop, and PostgreSQL to stop without waiting for its clients.
func sweep(ctx context.Context, state string) bool {
	left := marked(allMarks(state))
	if len(left) == 0 {
		return false
	}
	signalAll(left, syscall.SIGINT)
	ctx, cancel := context.WithTimeout(ctx, sweepPatience)
	defer cancel()
	for len(left) > 0 {
		select {
		case <-ctx.Done():
			signalAll(left, syscall.SIGKILL)
			return true
		case <-time.After(50 * time.Millisecond):
		}
		left = marked(allMarks(state))
	}
	return true
}

func signalAll(pids []int, signal syscall.Signal) {
	for _, pid := range pids {
		_ = syscall.Kill(pid, signal) // an error means that it has ended
	}
}
