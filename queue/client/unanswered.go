package client

import (
	"crypto/rand"
	"sync"
)

// unanswered are the requests for leases whose answers did not arrive, to be repeated: by
// worker, the name of the last. Safe for concurrent use.
type unanswered struct {
	mu       sync.Mutex
	byWorker map[string]string
}

// take returns the name of the request that a worker is to repeat, or a new one.
func (u *unanswered) take(worker string) string {
	u.mu.Lock()
	defer u.mu.Unlock()
	if request, ok := u.byWorker[worker]; ok {
		delete(u.byWorker, worker)
		return request
	}
	return rand.Text()
}

// put says that the request of a worker was not answered.
func (u *unanswered) put(worker, request string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.byWorker[worker] = request
}
