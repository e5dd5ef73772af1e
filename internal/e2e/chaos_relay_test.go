package e2e

import (
	"io"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// trouble is what a relay does to its connections.
type trouble int32

const (
	fine     trouble = iota
	cut              // connections break, and new ones break at once
	slow             // each piece of data comes 200 ms later
	halfOpen         // nothing comes through, and nobody is told; for these connections it stays so
	mute             // what is sent arrives, and its answer is lost with the connection
	busy             // 429 is the answer to every request
)

// relay passes TCP connections on to one of several servers, in turn, as a balancer does,
// and makes trouble.
type relay struct {
	listener net.Listener
	servers  func() []string // addresses
	trouble  atomic.Int32
	next     atomic.Int64

	mu   sync.Mutex
	open map[*relayed]bool
}

// relayed is one connection through a relay.
type relayed struct {
	in, out net.Conn
	dead    atomic.Bool // half-open for good
}

func newRelay(t testing.TB, servers func() []string) *relay {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r := &relay{listener: listener, servers: servers, open: map[*relayed]bool{}}
	t.Cleanup(func() { listener.Close(); r.breakAll() })
	go func() {
		for {
			in, err := listener.Accept()
			if err != nil {
				return
			}
			go r.pass(in)
		}
	}()
	return r
}

func (r *relay) address() string { return r.listener.Addr().String() }
func (r *relay) url() string     { return "http://" + r.address() }

// make makes trouble, or ends it. Connections that are half-open stay so.
func (r *relay) make(what trouble) {
	r.trouble.Store(int32(what))
	switch what {
	case cut, busy:
		r.breakAll()
	case halfOpen:
		r.mu.Lock()
		defer r.mu.Unlock()
		for c := range r.open {
			c.dead.Store(true)
		}
	}
}

func (r *relay) is(what trouble) bool { return trouble(r.trouble.Load()) == what }

func (r *relay) breakAll() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for c := range r.open {
		c.close()
	}
}

func (c *relayed) close() {
	c.in.Close()
	if c.out != nil {
		c.out.Close()
	}
}

// tooMany is the answer of a busy relay.
const tooMany = "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 1\r\nContent-Type: text/plain\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"

// pass passes one connection on until one side ends.
func (r *relay) pass(in net.Conn) {
	c := &relayed{in: in}
	defer c.close()
	if r.is(cut) {
		return
	}
	if r.is(busy) {
		if _, err := in.Read(make([]byte, 4096)); err == nil {
			_, _ = io.WriteString(in, tooMany)
		}
		return
	}
	if c.out = r.dial(); c.out == nil {
		return
	}
	c.dead.Store(r.is(halfOpen))
	r.mu.Lock()
	r.open[c] = true
	r.mu.Unlock()
	done := make(chan bool, 2)
	go func() { r.pump(c, c.out, in, false); done <- true }()
	go func() { r.pump(c, in, c.out, true); done <- true }()
	<-done
	if c.dead.Load() {
		<-done // a peer that is gone does not tell the other
	}
	r.mu.Lock()
	delete(r.open, c)
	r.mu.Unlock()
}

// dial connects to the next server that takes connections, or returns nil.
func (r *relay) dial() net.Conn {
	servers := r.servers()
	for range servers {
		out, err := net.DialTimeout("tcp", servers[int(r.next.Add(1))%len(servers)], time.Second)
		if err == nil {
			return out
		}
	}
	return nil
}

func (r *relay) pump(c *relayed, to, from net.Conn, answers bool) {
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		if n > 0 && !c.dead.Load() {
			switch {
			case r.is(mute) && answers:
				c.close()
				return
			case r.is(slow):
				<-time.After(200 * time.Millisecond) // that is the trouble
			}
			if _, err := to.Write(buffer[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}
