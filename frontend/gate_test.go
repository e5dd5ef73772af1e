package main

import (
	"io"
	"net"
	"strings"
	"sync"
	"testing"
)

// gate stands between the service and PostgreSQL, and can be shut.
type gate struct {
	target string
	mu     sync.Mutex
	shut   bool
	open   map[net.Conn]bool
}

// newGate puts a gate before the database of config.
func newGate(t *testing.T, config *Config) *gate {
	t.Helper()
	_, rest, _ := strings.Cut(config.DatabaseURL, "@")
	target, _, _ := strings.Cut(rest, "/")
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	config.DatabaseURL = strings.Replace(config.DatabaseURL, target, listener.Addr().String(), 1)
	g := &gate{target: target, open: map[net.Conn]bool{}}
	t.Cleanup(func() {
		listener.Close()
		g.set(true)
	})
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

// set shuts or opens the gate. Shutting breaks what is connected.
func (g *gate) set(shut bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.shut = shut
	for c := range g.open {
		if shut {
			c.Close()
			delete(g.open, c)
		}
	}
}

// pass joins a connection with the target until one side ends.
func (g *gate) pass(in net.Conn) {
	defer in.Close()
	out, err := net.Dial("tcp", g.target)
	if err != nil {
		return
	}
	defer out.Close()
	g.mu.Lock()
	if g.shut {
		g.mu.Unlock()
		return
	}
	g.open[in] = true
	g.mu.Unlock()
	go func() {
		_, _ = io.Copy(out, in) // either end may close at any time
		out.Close()
	}()
	_, _ = io.Copy(in, out)
}
