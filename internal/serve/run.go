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

type drainingKey struct{}

// Draining returns a channel that is closed when the server begins to stop: a
// long poll then answers with what it has. Outside of Run the channel is nil.
func Draining(ctx context.Context) <-chan struct{} {
	c, _ := ctx.Value(drainingKey{}).(<-chan struct{})
	return c
}

// Deadlines of a connection. A [Door] moves those of bodies and answers while
// bytes keep coming.
const (
	headerTime = 10 * time.Second
	firstTime  = 30 * time.Second // for a body or an answer that nothing has moved on
	idleTime   = 2 * time.Minute  // between two requests
)

// Run listens on address and serves handler until ctx ends. It then takes no
// new request, lets those under way end, and returns nil; it returns an error
// when it cannot listen or the answers under way took too long. When as many
// connections are open as the process may have, further callers wait.
func Run(ctx context.Context, log *slog.Logger, address string, handler http.Handler) error {
	return run(ctx, log, address, handler, connectionLimit())
}

func run(ctx context.Context, log *slog.Logger, address string, handler http.Handler, limit int) error {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	server := newServer(ctx, log, handler)
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
	stop, cancel := context.WithTimeout(context.Background(), stopTime)
	defer cancel()
	if err := server.Shutdown(stop); err != nil {
		return errors.Join(fmt.Errorf("stop: %w", err), server.Close())
	}
	log.Info("stopped")
	return nil
}

// newServer returns a server whose requests learn when ctx ends.
func newServer(ctx context.Context, log *slog.Logger, handler http.Handler) *http.Server {
	return &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: headerTime,
		ReadTimeout:       firstTime,
		WriteTimeout:      firstTime,
		IdleTimeout:       idleTime,
		MaxHeaderBytes:    brokenHeader,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),
		BaseContext: func(net.Listener) context.Context {
			return context.WithValue(context.Background(), drainingKey{}, ctx.Done())
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
