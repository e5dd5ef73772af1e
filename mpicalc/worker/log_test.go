package worker_test

import (
	"encoding/json"
	"log/slog"
	"sync"
	"testing"
	"time"
)

// workerLog collects what a worker logs.
type workerLog struct {
	t       *testing.T
	mu      sync.Mutex
	records []record
	change  chan struct{} // closed at the next record
}

// record is what the tests read of a line of the log.
type record struct {
	Msg    string
	Job    string   `json:"job_id"`
	Of     string   `json:"request_id"`
	Jobs   []string `json:"job_ids"`
	Reason string
	Leases int
	Known  int
}

func newWorkerLog(t *testing.T) *workerLog { return &workerLog{t: t, change: make(chan struct{})} }

func (l *workerLog) logger() *slog.Logger { return slog.New(slog.NewJSONHandler(l, nil)) }

func (l *workerLog) Write(line []byte) (int, error) {
	var r record
	if err := json.Unmarshal(line, &r); err != nil {
		l.t.Errorf("%v in %s", err, line)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.records = append(l.records, r)
	close(l.change)
	l.change = make(chan struct{})
	return len(line), nil
}

// all lists the records with one of the messages.
func (l *workerLog) all(messages ...string) (found []record) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, r := range l.records {
		for _, m := range messages {
			if r.Msg == m {
				found = append(found, r)
			}
		}
	}
	return found
}

// await returns when there is a record with one of the messages, or when the test is over.
func (l *workerLog) await(messages ...string) {
	end := time.After(2 * time.Minute) // a bound on hangs
	for {
		l.mu.Lock()
		change := l.change
		l.mu.Unlock()
		if len(l.all(messages...)) > 0 {
			return
		}
		select {
		case <-change:
		case <-l.t.Context().Done():
			return
		case <-end:
			l.t.Errorf("waited too long for %v in the log", messages)
			return
		}
	}
}
