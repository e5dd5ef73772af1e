package serve

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gin-gonic/gin"

	"foliocast/internal/serve/servetest"
)

// A service that is told to stop is not ready first, and takes requests until the
// notice has passed: a balancer that asks in between loses none.
func TestReadinessEndsBeforeTheService(t *testing.T) {
	t.Parallel()
	log := &servetest.Log{}
	d := NewDoor(Config{Name: "test", Version: "0", Log: log.Logger()})
	d.Router.GET("/draining", func(g *gin.Context) {
		select {
		case <-Draining(g.Request.Context()):
			g.Status(http.StatusGone)
		default:
			g.Status(http.StatusOK)
		}
	})
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	file, err := listener.(*net.TCPListener).File()
	if err != nil {
		t.Fatal(err)
	}
	inherited, err := syscall.Dup(int(file.Fd())) // Run closes it
	if err != nil {
		t.Fatal(err)
	}
	url := "http://" + listener.Addr().String()
	listener.Close()
	file.Close()
	ended := make(chan error, 1)
	go func() {
		ended <- Run(ctx, log.Logger(), Listening{Address: fmt.Sprintf("fd:%d", inherited), Notice: 2 * time.Second}, d.Router)
	}()
	status := func(path string) int {
		resp, err := http.Get(url + path)
		if err != nil {
			return 0
		}
		resp.Body.Close()
		return resp.StatusCode
	}
	servetest.Until(t, "it is ready", func() bool { return status("/readyz") == http.StatusOK })
	stop()
	servetest.Until(t, "it is not ready", func() bool { return status("/readyz") == http.StatusServiceUnavailable })
	for path, want := range map[string]int{"/healthz": http.StatusOK, "/draining": http.StatusOK} {
		if got := status(path); got != want {
			t.Errorf("%s after the stop: %d, want %d", path, got, want)
		}
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if got := status("/healthz"); got != 0 {
		t.Errorf("after the end it answers %d", got)
	}
}

func TestListenOnWhatIsNoSocket(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{"fd:x": "names no inherited socket", "fd:2": "names no inherited socket", "fd:999999": "is not a listening socket"} {
		err := Run(t.Context(), slog.New(slog.DiscardHandler), Listening{Address: address}, http.NotFoundHandler())
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", address, err, want)
		}
	}
}
