package e2e

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"foliocast/internal/history"
	"foliocast/queue/message"
)

// wire is a proxy before the queue that writes the protocol of leases and messages into a
// history: what was asked, and what the queue answered, even if the answer is lost on its
// way from here.
type wire struct {
	who     string
	queue   func() string // base address
	record  *record
	forward *http.Client
}

// record is a history that is being written.
type record struct {
	*history.Writer
	begun time.Time
}

// now is the time in a history.
func (r *record) now() int64 { return max(time.Since(r.begun).Microseconds(), 1) }

// newWire starts a proxy and returns its address.
func newWire(t testing.TB, w *wire) string {
	t.Helper()
	w.forward = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 32, IdleConnTimeout: 10 * time.Second}}
	server := httptest.NewServer(w)
	t.Cleanup(func() { server.CloseClientConnections(); server.Close(); w.forward.CloseIdleConnections() })
	return server.Listener.Addr().String()
}

func (w *wire) ServeHTTP(answer http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	e := history.Event{Kind: history.Wire, Client: w.who, Key: r.Header.Get("Idempotency-Key"), Method: r.Method + " " + r.URL.Path, Begin: w.record.now()}
	req, err := http.NewRequestWithContext(r.Context(), r.Method, w.queue()+r.URL.RequestURI(), bytes.NewReader(body))
	if err != nil {
		panic(err)
	}
	req.Header = r.Header.Clone()
	var got []byte
	resp, err := w.forward.Do(req)
	if err == nil {
		defer resp.Body.Close()
		if got, err = io.ReadAll(resp.Body); err == nil {
			e.Status = resp.StatusCode
		}
	}
	e.End = w.record.now()
	if e.Op = describe(r, body, got, &e); e.Op != "" {
		w.record.Add(e)
	}
	if err != nil {
		panic(http.ErrAbortHandler) // the caller sees a connection that breaks
	}
	for name, values := range resp.Header {
		answer.Header()[name] = values
	}
	answer.WriteHeader(resp.StatusCode)
	_, _ = answer.Write(got)
}

// describe fills in what a request was about, and returns its operation, or "" for one
// that a history does not have.
func describe(r *http.Request, body, got []byte, e *history.Event) history.Op {
	path := strings.TrimPrefix(r.URL.Path, "/v1/")
	known := e.Status/100 == 2
	switch {
	case r.Method == http.MethodPost && path == "messages":
		var asked message.Upload
		var receipts message.Receipts
		_ = json.Unmarshal(body, &asked)
		_ = json.Unmarshal(got, &receipts)
		for i, m := range asked.Messages {
			item := history.Item{Key: m.Key, Priority: m.Priority}
			if known && i < len(receipts.Messages) {
				r := receipts.Messages[i]
				item.ID, item.Queue, item.Duplicate = string(r.ID), r.Queue, r.Duplicate
			}
			e.Items = append(e.Items, item)
		}
		return history.Enqueue
	case r.Method == http.MethodDelete && strings.HasPrefix(path, "messages/"):
		var s message.Status
		_ = json.Unmarshal(got, &s)
		item := history.Item{Key: strings.TrimPrefix(path, "messages/key:"), ID: string(s.ID)}
		if known {
			item.Verdict = string(s.State)
		}
		e.Items = []history.Item{item}
		return history.Cancel
	case r.Method == http.MethodPost && path == "leases":
		var asked message.LeaseRequest
		var leases message.Leases
		_ = json.Unmarshal(body, &asked)
		_ = json.Unmarshal(got, &leases)
		e.Client = asked.Worker
		for _, l := range leases.Leases {
			e.Items = append(e.Items, history.Item{ID: string(l.ID), Key: l.Key, Token: int64(l.Token), Queue: l.Queue, Attempt: l.Attempt})
		}
		if known && len(e.Items) == 0 {
			return "" // nothing came in time
		}
		return history.Lease
	case path == "leases/inherit":
		var asked message.InheritRequest
		_ = json.Unmarshal(body, &asked)
		e.Client = asked.Worker
		return history.Inherit
	case path == "leases/heartbeat", path == "leases/complete", path == "leases/release":
		var asked message.Items[message.Completion]
		var verdicts message.Verdicts
		_ = json.Unmarshal(body, &asked)
		_ = json.Unmarshal(got, &verdicts)
		for i, c := range asked.Items {
			item := history.Item{ID: string(c.ID), Token: int64(c.Token), Failed: c.Error != "", Retryable: c.Retryable}
			if c.Result != nil {
				item.Numbers, _ = history.Numbers(c.Result)
			}
			if known && i < len(verdicts.Items) {
				item.Verdict = string(verdicts.Items[i].Verdict)
			}
			e.Items = append(e.Items, item)
		}
		return history.Op(strings.TrimPrefix(path, "leases/"))
	}
	return ""
}
