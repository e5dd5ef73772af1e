package serve

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"golang.org/x/net/netutil"
)

// stopTime is how long answers under way may take after the stop.
const stopTime = 10 * time.Second

// stopping are the two steps of a stop, as channels that are closed at each.
type stopping struct {
	told     <-chan struct{} // to stop: no longer ready
	draining <-chan struct{} // takes no new request
}

type stoppingKey struct{}

// Draining returns a channel that is closed when the server takes no new request: a
// long poll then answers with what it has. Outside of Run the channel is nil.
func Draining(ctx context.Context) <-chan struct{} {
	s, _ := ctx.Value(stoppingKey{}).(stopping)
	return s.draining
}

// leaving reports whether the server was told to stop.
func leaving(ctx context.Context) bool {
	s, _ := ctx.Value(stoppingKey{}).(stopping)
	select {
	case <-s.told:
		return true
	default:
		return false
	}
}

// Deadlines of a connection. A [Door] moves those of bodies and answers while
// bytes keep coming.
const (
	headerTime = 10 * time.Second
	firstTime  = 30 * time.Second // for a body or an answer that nothing has moved on
	idleTime   = 2 * time.Minute  // between two requests
)

// Run listens on address, which may be an inherited socket (fd:N), and serves handler
// until ctx ends. From then on /readyz answers 503, so that a balancer sends new
// callers elsewhere; after notice it takes no new request, lets those under way end,
// and returns nil. It returns an error when it cannot listen or the answers under way
// took too long. When as many connections are open as the process may have, further
// callers wait.
func Run(ctx context.Context, log *slog.Logger, address string, notice time.Duration, handler http.Handler) error {
	return run(ctx, log, address, notice, handler, connectionLimit())
}

func run(ctx context.Context, log *slog.Logger, address string, notice time.Duration, handler http.Handler, limit int) error {
	listener, err := listen(address)
	if err != nil {
		return err
	}
	draining := make(chan struct{})
	server := newServer(stopping{told: ctx.Done(), draining: draining}, log, handler)
	open := &connections{server: server, limit: limit}
	server.ConnState = open.observe
	log.Info("listening", "address", listener.Addr().String(), "connections", open.limit)
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(netutil.LimitListener(listener, open.limit)) }()
	select {
	case err := <-failed:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	select {
	case err := <-failed:
		return fmt.Errorf("serve: %w", err)
	case <-time.After(notice):
	}
	close(draining)
	stop, cancel := context.WithTimeout(context.Background(), stopTime)
	defer cancel()
	if err := server.Shutdown(stop); err != nil {
		return errors.Join(fmt.Errorf("stop: %w", err), server.Close())
	}
	log.Info("stopped")
	return nil
}

// newServer returns a server whose requests learn when it stops.
func newServer(steps stopping, log *slog.Logger, handler http.Handler) *http.Server {
	return &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: headerTime,
		ReadTimeout:       firstTime,
		WriteTimeout:      firstTime,
		IdleTimeout:       idleTime,
		MaxHeaderBytes:    brokenHeader,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),
		BaseContext: func(net.Listener) context.Context {
			return context.WithValue(context.Background(), stoppingKey{}, steps)
		},
	}
}

// Stopped returns nil when ctx has ended, because the error of a part then only
// says that it was told to stop. Otherwise it returns err.
func Stopped(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return err
}
