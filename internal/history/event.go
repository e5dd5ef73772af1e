// Package history is the form of what a run of chaos has seen, and judges it. It knows
// the service only by what clients, workers and readers of the feed were answered:
// nothing here reads a database or calls a service.
package history

import (
	"bufio"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"sync"
)

// Kind is what a line of a history is about.
type Kind string

// The kinds.
const (
	Begin    Kind = "begin"    // first line: the seed
	Call     Kind = "call"     // a request of a client to the data service
	Walk     Kind = "walk"     // a client has read all pages of the list of jobs
	Wire     Kind = "wire"     // a request to the queue, of a worker or of the data service
	Feed     Kind = "feed"     // an ended message, as a reader of the feed got it
	Fault    Kind = "fault"    // something that was broken for a while
	Final    Kind = "final"    // a job, read at the end
	Audit    Kind = "audit"    // an event of a service's audit trail
	Expected Kind = "expected" // what mpicalc run answers for a specification
	End      Kind = "end"      // last line: the number of lines before it
)

// Op is what a call or a request on the wire asks for.
type Op string

// The operations of clients, and those of workers and the data service at the queue.
const (
	Submit  Op = "submit"
	Cancel  Op = "cancel" // of a client, and of the data service
	Replace Op = "replace"
	Retry   Op = "retry"
	Get     Op = "get"

	Enqueue  Op = "enqueue"
	Lease    Op = "lease"
	Beat     Op = "heartbeat"
	Complete Op = "complete"
	Release  Op = "release"
	Inherit  Op = "inherit"
	Queues   Op = "queues" // one was added, removed, paused or resumed
)

// Item is one message in a request on the wire.
type Item struct {
	ID        string `json:"id,omitzero"`
	Key       string `json:"key,omitzero"`
	Token     int64  `json:"token,omitzero"`
	Queue     string `json:"queue,omitzero"`
	Priority  int    `json:"priority,omitzero"`  // of an enqueued message
	Duplicate bool   `json:"duplicate,omitzero"` // the queue had an uploaded message before
	Attempt   int    `json:"attempt,omitzero"`
	Verdict   string `json:"verdict,omitzero"`   // "" when no answer is known
	Failed    bool   `json:"failed,omitzero"`    // a completion with an error
	Retryable bool   `json:"retryable,omitzero"` // of a completion with an error
	Numbers   string `json:"numbers,omitzero"`   // of a completion, as Event.Numbers
}

// Event is one line. Which fields it has depends on its kind.
type Event struct {
	Kind  Kind  `json:"kind"`
	Begin int64 `json:"begin,omitzero"` // microseconds since the beginning of the run
	End   int64 `json:"end,omitzero"`

	// Of a call, and in part of a request on the wire.
	Client     string `json:"client,omitzero"` // who asks, such as client 2 or worker
	Op         Op     `json:"op,omitzero"`
	Key        string `json:"key,omitzero"`         // Idempotency-Key, or the message's key in the feed
	Job        string `json:"job,omitzero"`         // id
	Spec       string `json:"spec,omitzero"`        // that was sent, or that a job has, as JSON
	Status     int    `json:"status,omitzero"`      // 0: no answer, and whether the request took effect is unknown
	RetryAfter bool   `json:"retry_after,omitzero"` // whether the answer had that header
	State      string `json:"state,omitzero"`       // of the job in the answer
	ETag       string `json:"etag,omitzero"`        // in the answer
	Detail     string `json:"detail,omitzero"`      // of a failed request, for people
	Method     string `json:"method,omitzero"`      // with the path, for people

	Jobs  []string `json:"jobs,omitzero"`  // of a walk, in the order of the pages
	Items []Item   `json:"items,omitzero"` // of a request on the wire

	// Of the feed.
	Epoch    string `json:"epoch,omitzero"`
	Position int64  `json:"position,omitzero"` // also of the audit trail
	ID       string `json:"id,omitzero"`       // of the message
	Outcome  string `json:"outcome,omitzero"`  // also of an event of the audit trail
	Gap      bool   `json:"gap,omitzero"`      // the feed said that something is missing before this

	// Numbers is the answer without the job's id and its provenance, as JSON without
	// white space, in which each number is as it was received, or the digest of that.
	Numbers string `json:"numbers,omitzero"`

	// Of a fault: its kind, and after how long, from its end, a job that was submitted
	// then was done.
	Fault     string `json:"fault,omitzero"`
	Recovered int64  `json:"recovered,omitzero"` // microseconds; -1 if never

	Service string `json:"service,omitzero"` // of an event of the audit trail
	Action  string `json:"action,omitzero"`

	Seed     uint64 `json:"seed,omitzero"`     // of the first line
	Attempts int    `json:"attempts,omitzero"` // of the first line: how many a message has
	Lines    int    `json:"lines,omitzero"`    // of the last line
}

// Numbers returns an answer, such as that of mpicalc run, as it is in Event.Numbers.
func Numbers(answer []byte) (string, error) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(answer, &fields); err != nil {
		return "", fmt.Errorf("read an answer: %w", err)
	}
	delete(fields, "job")
	delete(fields, "provenance")
	text, err := json.Marshal(fields)
	if len(text) > maxNumbers {
		return fmt.Sprintf("sha256:%x", sha256.Sum256(text)), err
	}
	return string(text), err
}

// maxNumbers is the length from which a digest stands for an answer.
const maxNumbers = 4096

// Writer writes a history, line by line. Safe for concurrent use.
type Writer struct {
	mu    sync.Mutex
	w     io.Writer
	lines int
	err   error
}

// NewWriter returns a writer to w, which gets each line in one call of Write.
func NewWriter(w io.Writer) *Writer { return &Writer{w: w} }

// Add writes an event. After a failure it writes nothing more.
func (w *Writer) Add(e Event) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.add(e)
}

func (w *Writer) add(e Event) {
	text, err := json.Marshal(e)
	if w.err == nil {
		w.err = err
	}
	if w.err == nil {
		_, w.err = w.w.Write(append(text, '\n'))
		w.lines++
	}
}

// Close writes the last line, and returns the first error of all writes.
func (w *Writer) Close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.add(Event{Kind: End, Lines: w.lines})
	return w.err
}

// Read reads a history.
func Read(r io.Reader) ([]Event, error) {
	var events []Event
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 1<<28)
	for lines.Scan() {
		var e Event
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			return nil, fmt.Errorf("line %d: %w", len(events)+1, err)
		}
		events = append(events, e)
	}
	return events, lines.Err()
}
