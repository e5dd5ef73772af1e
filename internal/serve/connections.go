package serve

import (
	"net"
	"net/http"
	"sync"
	"syscall"
	"time"
)

// mostConnections bounds a service's connections when descriptors do not.
const mostConnections = 10_000

// connectionLimit is how many connections a service may have at once: half of
// the descriptors that the process may open. Files and the database have the
// other half.
func connectionLimit() int {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return mostConnections
	}
	return int(max(min(limit.Cur/2, mostConnections), 1))
}

// sweepEvery is the time between two searches for idle connections.
const sweepEvery = time.Second

// connections counts the connections of a server. While there are more than
// three quarters of the limit, it closes idle ones: a connection that a caller
// keeps for later must not keep out another caller's first request.
type connections struct {
	server *http.Server
	limit  int

	mu     sync.Mutex
	open   int
	scarce bool
	swept  time.Time
}

// observe is the server's ConnState.
func (c *connections) observe(_ net.Conn, state http.ConnState) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch state {
	case http.StateNew:
		c.open++
	case http.StateClosed, http.StateHijacked:
		c.open--
	default:
		return
	}
	switch {
	case c.open > c.limit*3/4 && (!c.scarce || time.Since(c.swept) > sweepEvery):
		c.scarce, c.swept = true, time.Now()
		c.server.SetKeepAlivesEnabled(false) // which closes those that are idle
	case c.scarce && c.open <= c.limit/2:
		c.scarce = false
		c.server.SetKeepAlivesEnabled(true)
	}
}
