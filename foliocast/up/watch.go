package up

import (
	"context"
	"fmt"
	"time"
)

// looks is how often in a row a part must be found not to answer, or one of its
// processes stopped, until it counts as hanging. They are counted, rather than the
// time: a supervisor that was itself suspended finds nothing out about its parts.
const looks = 6

// watch looks after the running process of a part until ctx ends, and returns how it
// hangs, or "". A part that has never answered has readyTime to do so.
func (k *keeper) watch(ctx context.Context, pid int) string {
	every := k.hang / looks
	tick := time.NewTicker(every)
	defer tick.Stop()
	silent, answered := 0, false
	stopped := map[int]int{} // how often in a row each process was found stopped
	for {
		select {
		case <-ctx.Done():
			return ""
		case <-tick.C:
		}
		probe, cancel := context.WithTimeout(ctx, every)
		err := k.alive(probe)
		cancel()
		silent++
		if err == nil {
			silent, answered = 0, true
		}
		allowed := k.hang
		if !answered {
			allowed = max(k.hang, readyTime)
		}
		if silent >= int(allowed/every) {
			return fmt.Sprintf("hangs: it has not answered for %s: %v", allowed, err)
		}
		found := map[int]int{}
		for _, p := range family(pid, k.mark) {
			if processState(p) != 'T' {
				continue
			}
			if found[p] = stopped[p] + 1; found[p] >= looks {
				return fmt.Sprintf("hangs: its process %d has been stopped for %s", p, k.hang)
			}
		}
		stopped = found
	}
}
