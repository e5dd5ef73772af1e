package pgtest

import (
	"io"
	"io/fs"
	"net"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"foliocast/internal/postgres"
)

// Gate is a proxy between a service and the server. While it is shut, the service
// cannot reach the server. Safe for concurrent use.
type Gate struct {
	URL string // of the server through the gate

	target string
	mu     sync.Mutex
	shut   bool
	frozen chan struct{}             // closed to thaw; nil while nothing is frozen
	open   map[net.Conn]*atomic.Bool // whether they are stranded
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
	g := &Gate{target: u.Host, open: map[net.Conn]*atomic.Bool{}}
	u.Host = listener.Addr().String()
	g.URL = u.String()
	t.Cleanup(func() { listener.Close(); g.Thaw(); g.Shut() })
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

// Freeze lets connections stay and new ones be accepted, but nothing comes through.
func (g *Gate) Freeze() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.frozen == nil {
		g.frozen = make(chan struct{})
	}
}

// Thaw lets everything through again, and what was held up first.
func (g *Gate) Thaw() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.frozen != nil {
		close(g.frozen)
		g.frozen = nil
	}
}

// Strand lets nothing through the connections that there are, and tells nobody. New ones
// work.
func (g *Gate) Strand() {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, stranded := range g.open {
		stranded.Store(true)
	}
}

// Write passes on what comes, once nothing is frozen.
func (c gated) Write(p []byte) (int, error) {
	if c.stranded.Load() {
		return len(p), nil
	}
	c.gate.mu.Lock()
	frozen := c.gate.frozen
	c.gate.mu.Unlock()
	if frozen != nil {
		<-frozen
	}
	return c.Conn.Write(p)
}

// gated is one end of a connection through a gate.
type gated struct {
	net.Conn
	gate     *Gate
	stranded *atomic.Bool
}

// pass connects a client with the server until one side ends.
func (g *Gate) pass(in net.Conn) {
	defer in.Close()
	out, err := net.Dial("tcp", g.target)
	if err != nil {
		return
	}
	defer out.Close()
	stranded, ok := g.enter(in)
	if !ok {
		return
	}
	go func() {
		_, _ = io.Copy(gated{out, g, stranded}, in) // either end may close at any time
		out.Close()
	}()
	_, _ = io.Copy(gated{in, g, stranded}, out)
}

func (g *Gate) enter(c net.Conn) (stranded *atomic.Bool, ok bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	stranded = new(atomic.Bool)
	if !g.shut {
		g.open[c] = stranded
	}
	return stranded, !g.shut
}

// OpenGated is Open for two pools on one schema: one behind a gate, whose statements give
// up after a tenth of a second, and one beside it.
func OpenGated(t testing.TB, migrations fs.FS) (gate *Gate, behind, beside *pgxpool.Pool) {
	t.Helper()
	gate, schema := NewGate(t), Schema(t)
	open := func(url string, limit time.Duration) *pgxpool.Pool {
		pool, err := postgres.OpenWithin(t.Context(), url, schema, migrations, 4, limit)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(pool.Close)
		return pool
	}
	return gate, open(gate.URL, 300*time.Millisecond), open(URL(t), time.Minute)
}
