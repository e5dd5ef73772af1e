package client_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"foliocast/internal/auth"
	"foliocast/queue/client"
)

// Connections that lead nowhere cost the time limit of one request, however many of them
// the client keeps.
func TestIdleConnectionsThatLeadNowhere(t *testing.T) {
	t.Parallel()
	const kept = 5
	var dead atomic.Bool
	together := make(chan bool)
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		if r.Context().Value(old) != nil && dead.Load() {
			<-r.Context().Done()
			return
		}
		if !dead.Load() {
			<-together
		}
		io.WriteString(w, "{}")
	}))
	server.Config.ConnContext = func(ctx context.Context, _ net.Conn) context.Context {
		if dead.Load() {
			return ctx
		}
		return context.WithValue(ctx, old, true)
	}
	server.Start()
	t.Cleanup(server.Close)
	c := client.New(server.URL, nil, auth.Static("token"))
	var all sync.WaitGroup
	for range kept {
		all.Go(func() { c.Queues(t.Context()) })
	}
	for range kept {
		together <- true
	}
	all.Wait()
	dead.Store(true)
	c = c.Within(200 * time.Millisecond)
	if _, err := c.Queues(t.Context()); err == nil {
		t.Fatal("a connection that leads nowhere gave an answer")
	}
	if _, err := c.Queues(t.Context()); err != nil {
		t.Errorf("the next request: %v", err)
	}
}

// old marks the connections that were made before the others.
const old connection = "old"

type connection string
