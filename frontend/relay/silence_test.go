package relay

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"foliocast/frontend/queuetest"
	"foliocast/frontend/store"
	"foliocast/internal/job"
	"foliocast/internal/postgres/pgtest"
	"foliocast/internal/serve/servetest"
)

// running runs a relay until the test ends, and returns its log.
func running(t *testing.T, s *store.Store, q *queuetest.Queue) *servetest.Log {
	t.Helper()
	var log servetest.Log
	r := New(s, q.Client().Within(100*time.Millisecond), log.Logger(), prometheus.NewRegistry())
	r.feedWait = 100 * time.Millisecond
	ctx, stop := context.WithCancel(t.Context())
	over := make(chan struct{})
	go func() {
		defer close(over)
		r.Run(ctx)
	}()
	t.Cleanup(func() { stop(); <-over })
	return &log
}

// bothFail waits until both loops have failed and tried again.
func bothFail(t *testing.T, log *servetest.Log) {
	t.Helper()
	for _, task := range []string{"send the outbox", "apply the results"} {
		servetest.Until(t, task+" has failed twice", func() bool { return strings.Count(log.String(), task) > 1 })
	}
}

// end waits until a job was sent, ends it, and waits until its result is applied.
func (w *world) end(j store.Job) {
	w.Helper()
	servetest.Until(w, "the job is sent", func() bool {
		keys := w.queue.Keys()
		return len(keys) > 0 && keys[len(keys)-1] == j.Key()
	})
	w.queue.End(j.Key(), done(j.ID))
	servetest.Until(w, "the job is done", func() bool { return w.read(j.ID).State == job.Done })
}

// The queue accepts and does not answer: neither loop hangs.
func TestRelayOutlivesASilentQueue(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	answer := make(chan struct{})
	w.queue.Fault(func(http.ResponseWriter, *http.Request) bool {
		<-answer
		panic(http.ErrAbortHandler)
	})
	j := w.submit(1)
	bothFail(t, running(t, w.store, w.queue))
	w.queue.Fault(nil)
	close(answer)
	w.end(j)
}

// The database accepts and does not answer: neither loop hangs.
func TestRelayOutlivesASilentDatabase(t *testing.T) {
	t.Parallel()
	gate, behind, beside := pgtest.OpenGated(t, store.Migrations())
	w := newWorldOn(t, store.New(beside))
	log := running(t, store.New(behind), w.queue)
	w.end(w.submit(1))
	gate.Freeze()
	bothFail(t, log)
	gate.Thaw()
	w.end(w.submit(2))
}
