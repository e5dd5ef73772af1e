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

	"foliocast/internal/certs"
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

// Listening says where a service listens, and how.
type Listening struct {
	Address string        // or an inherited socket, fd:N
	Notice  time.Duration // between the order to stop and the last request that is taken
	TLS     certs.Server  // without a certificate it speaks plain HTTP, on loopback alone unless that is asked for
}

// Run listens and serves handler until ctx ends. From then on /readyz answers 503, so that a balancer sends new
// callers elsewhere; after the notice it takes no new request, lets those under way end,
// and returns nil. It returns an error when it cannot listen or the answers under way
// took too long. When as many connections are open as the process may have, further
// callers wait.
func Run(ctx context.Context, log *slog.Logger, at Listening, handler http.Handler) error {
	return run(ctx, log, at, handler, connectionLimit())
}

func run(ctx context.Context, log *slog.Logger, at Listening, handler http.Handler, limit int) error {
	secure, err := at.TLS.Config(log)
	if err != nil {
		return err
	}
	listener, err := listen(at.Address)
	if err != nil {
		return err
	}
	if secure == nil && !at.TLS.Plain && !loopback(listener.Addr()) {
		listener.Close()
		return fmt.Errorf("listen: other machines reach %s, and this service has no certificate: set FOLIOCAST_TLS_CERT_FILE and FOLIOCAST_TLS_KEY_FILE, "+
			"or FOLIOCAST_PLAIN_HTTP=true if it must speak HTTP without TLS, as behind a proxy that ends TLS", listener.Addr())
	}
	draining := make(chan struct{})
	server := newServer(stopping{told: ctx.Done(), draining: draining}, log, handler)
	open := &connections{server: server, limit: limit}
	server.ConnState = open.observe
	log.Info("listening", "address", listener.Addr().String(), "tls", secure != nil, "connections", open.limit)
	limited := netutil.LimitListener(listener, open.limit)
	failed := make(chan error, 1)
	go func() {
		if server.TLSConfig = secure; secure != nil {
			failed <- server.ServeTLS(limited, "", "")
			return
		}
		failed <- server.Serve(limited)
	}()
	select {
	case err := <-failed:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	select {
	case err := <-failed:
		return fmt.Errorf("serve: %w", err)
	case <-time.After(at.Notice):
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
