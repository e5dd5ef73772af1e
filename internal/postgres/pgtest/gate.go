package pgtest

import (
	"io"
	"net"
	"net/url"
	"sync"
	"testing"
)

// Gate is a proxy between a service and the server. While it is shut, the service
// cannot reach the server. Safe for concurrent use.
type Gate struct {
	URL string // of the server through the gate

	target string
	mu     sync.Mutex
	shut   bool
	open   map[net.Conn]bool
}

// NewGate returns an open gate, which is closed when the test ends.
func NewGate(t testing.TB) *Gate {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(URL(t))
	if err != nil {
		t.Fatal(err)
	}
	g := &Gate{target: u.Host, open: map[net.Conn]bool{}}
	u.Host = listener.Addr().String()
	g.URL = u.String()
	t.Cleanup(func() { listener.Close(); g.Shut() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go g.pass(conn)
		}
	}()
	return g
}

// Shut breaks every connection and refuses new ones.
func (g *Gate) Shut() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.shut = true
	for c := range g.open {
		c.Close()
	}
	clear(g.open)
}

// Open accepts connections again.
func (g *Gate) Open() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.shut = false
}

// pass connects a client with the server until one side ends.
func (g *Gate) pass(in net.Conn) {
	defer in.Close()
	out, err := net.Dial("tcp", g.target)
	if err != nil {
		return
	}
	defer out.Close()
	if !g.enter(in) {
		return
	}
	go func() {
		_, _ = io.Copy(out, in) // either end may close at any time
		out.Close()
	}()
	_, _ = io.Copy(in, out)
}

func (g *Gate) enter(c net.Conn) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.shut {
		g.open[c] = true
	}
	return !g.shut
}
