package cli

import (
	"bytes"
	"context"
	"log/slog"
	"net"
	"path/filepath"
	"testing"
	"time"
)

// Not parallel: the socket's address is in the environment.
func TestReadyTellsTheServiceManager(t *testing.T) {
	path := filepath.Join(t.TempDir(), "notify")
	socket, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer socket.Close()
	t.Setenv("NOTIFY_SOCKET", path)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	Ready(ctx, slog.New(slog.DiscardHandler))
	for i, want := range []string{"READY=1", "STOPPING=1"} {
		text := make([]byte, 100)
		socket.SetReadDeadline(time.Now().Add(time.Minute))
		n, err := socket.Read(text)
		if err != nil || string(text[:n]) != want {
			t.Fatalf("message %d: got %q, %v, want %q", i, text[:n], err, want)
		}
		stop()
	}
}

func TestAManagerThatDoesNotListenIsLogged(t *testing.T) {
	t.Setenv("NOTIFY_SOCKET", filepath.Join(t.TempDir(), "nobody"))
	var log bytes.Buffer
	Ready(t.Context(), slog.New(slog.NewTextHandler(&log, nil)))
	if !bytes.Contains(log.Bytes(), []byte("cannot tell the service manager")) {
		t.Errorf("the log is %q", &log)
	}
}
