package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"foliocast/internal/postgres"
	"foliocast/internal/postgres/pgtest"
)

var oneTable = fstest.MapFS{"00001_create.sql": {Data: []byte("-- +goose Up\nCREATE TABLE thing (id bigint);\n")}}

// TestOpenWaitingOutlastsTheServersAbsence opens a port that refuses until the
// first failure is logged, and then leads to the real server.
func TestOpenWaitingOutlastsTheServersAbsence(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	l.Close()
	real, err := pgconn.ParseConfig(pgtest.URL(t))
	if err != nil {
		t.Fatal(err)
	}
	up := notify(func() { forward(t, address, fmt.Sprintf("127.0.0.1:%d", real.Port)) })
	url := strings.Replace(pgtest.URL(t), fmt.Sprintf("127.0.0.1:%d", real.Port), address, 1)
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	pool, err := postgres.OpenWaiting(ctx, slog.New(slog.NewTextHandler(up, nil)), url, pgtest.Schema(t), oneTable, 2)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	if err := pool.Ping(ctx); err != nil {
		t.Error(err)
	}
}

// notify is a writer that calls f at its first line.
func notify(f func()) *once { return &once{f: f} }

type once struct{ f func() }

func (o *once) Write(p []byte) (int, error) {
	if o.f != nil {
		o.f()
		o.f = nil
	}
	return len(p), nil
}

// forward leads connections to address on to target until the test ends.
func forward(t *testing.T, address, target string) {
	l, err := net.Listen("tcp", address)
	if err != nil {
		t.Error(err)
		return
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			in, err := l.Accept()
			if err != nil {
				return
			}
			out, err := net.Dial("tcp", target)
			if err != nil {
				in.Close()
				continue
			}
			go func() { defer in.Close(); io.Copy(in, out) }()
			go func() { defer out.Close(); io.Copy(out, in) }()
		}
	}()
}

func TestOpenWaitingDoesNotWaitForWhatCannotHelp(t *testing.T) {
	t.Parallel()
	log := slog.New(slog.DiscardHandler)
	if _, err := postgres.OpenWaiting(t.Context(), log, "postgres://%", "x", oneTable, 2); err == nil {
		t.Error("a bad URL is taken")
	}
	broken := fstest.MapFS{"00001_create.sql": {Data: []byte("-- +goose Up\nCREATE NONSENSE;\n")}}
	if _, err := postgres.OpenWaiting(t.Context(), log, pgtest.URL(t), pgtest.Schema(t), broken, 2); err == nil {
		t.Error("a bad migration is taken")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := postgres.OpenWaiting(ctx, log, "postgres://127.0.0.1:1/x", "x", oneTable, 2); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want that it ends with its context", err)
	}
}
