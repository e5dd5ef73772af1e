// Package message defines the types of the message service: messages, leases,
// tokens, outcomes and queues. It imports nothing else of the service, so that
// workers and producers can use it without the implementation.
package message

import (
	"encoding/json"
	"strings"
	"time"
)

// ID is a message's identifier, a UUID of version 7 in its text form.
type ID string

// ByKey addresses a message by its producer's key. Every operation that takes the
// id of one message accepts it.
func ByKey(key string) ID { return ID(keyPrefix + key) }

// Key returns the producer's key when the id is one of ByKey.
func (id ID) Key() (string, bool) { return strings.CutPrefix(string(id), keyPrefix) }

const keyPrefix = "key:"

// Token fences one lease of a message: each new lease of the same message has
// a greater token, and only the greatest may change anything.
type Token int64

// Position is a position in the results feed. Positions grow in the order in which
// messages ended.
type Position int64

// Epoch names a feed. Positions of another epoch mean nothing in it.
type Epoch string

// Reader names a reader of the feed. Results that it has not read are kept longer.
type Reader struct {
	Name  string // within its account
	Epoch Epoch  // that its position belongs to; "" when it knows none

	Redriven bool // tell it of the messages that wait again, too
}

// Request names a request for leases among those of its worker, so that it may be
// repeated; "" is none.
type Request string

// Incarnation returns the name of a worker that follows others of its lineage. Only
// one of them is alive at a time. Births sort in the order in which the workers
// started, as UUIDs of version 7 do. A lineage contains no '#'.
func Incarnation(lineage, birth string) string { return lineage + "#" + birth }

// Lineage returns the lineage of a worker's name that is one of Incarnation.
func Lineage(worker string) (lineage string, ok bool) {
	lineage, _, ok = strings.Cut(worker, "#")
	return lineage, ok
}

// State is the state of a message.
type State string

// The states.
const (
	Waiting State = "waiting" // in its queue, perhaps until its back-off has passed
	Leased  State = "leased"  // a worker has it
	Ended   State = "ended"   // it has an outcome, in the results feed
)

// Outcome is how a message ended. Each message has exactly one.
type Outcome string

// The outcomes.
const (
	Completed Outcome = "completed" // a worker sent its result
	Failed    Outcome = "failed"    // a worker sent an error that a retry would not help
	Cancelled Outcome = "cancelled" // its producer cancelled it
	Dead      Outcome = "dead"      // its attempts are used up
)

// Redriven stands in the feed where a message that had ended, and not completed, waits again: it will have
// another outcome. Only readers that ask for it are told.
const Redriven Outcome = "redriven"

// New is a message to enqueue.
type New struct {
	Key      string          `json:"key" minLength:"1" maxLength:"200" doc:"The producer's own key: a second message with the same key is not added"`
	Queue    string          `json:"queue,omitzero" maxLength:"64" doc:"A queue's name; dealt to one of the active queues when absent"`
	Priority int             `json:"priority,omitzero" minimum:"-100" maximum:"100" doc:"Of an owner's messages those with a higher priority come first; upload order within a priority"`
	Payload  json.RawMessage `json:"payload" doc:"Any JSON; the queue does not interpret it"`

	Owner string `json:"owner,omitzero" maxLength:"64" pattern:"^[A-Za-z0-9._:@-]*$" patternDescription:"letters, digits, dots, dashes, colons, underscores or @" doc:"Whose work it is: owners take turns"`

	RequestID string `json:"request_id,omitzero" maxLength:"64" pattern:"^[A-Za-z0-9._-]*$" patternDescription:"letters, digits, dots, dashes or underscores" doc:"The request that the work is part of, for the worker's log; that of the upload when absent"`

	Traceparent string `json:"traceparent,omitzero" maxLength:"64" pattern:"^[0-9a-f-]*$" patternDescription:"hexadecimal digits and dashes, as W3C Trace Context says" doc:"The span that the work is below, for the worker's own"`
}

// Receipt answers an enqueued message, in the order of the request.
type Receipt struct {
	ID        ID     `json:"id"`
	Key       string `json:"key"`
	Queue     string `json:"queue" doc:"Empty when the message has ended"`
	Duplicate bool   `json:"duplicate" doc:"The key was used before: nothing was added or changed"`
}

// Status is a message as its producer sees it.
type Status struct {
	ID        ID         `json:"id"`
	Key       string     `json:"key"`
	Queue     string     `json:"queue"`
	State     State      `json:"state"`
	Outcome   Outcome    `json:"outcome,omitzero"`
	Revision  int        `json:"revision" doc:"Grows by one with each replacement of the payload"`
	Attempts  int        `json:"attempts" doc:"Leases that ended without a result"`
	Progress  float64    `json:"progress"`
	LeasedAt  *time.Time `json:"leased_at,omitzero"`
	LastError string     `json:"last_error,omitzero"`

	Place *Place `json:"place,omitzero" doc:"Of a waiting message, where that was asked for"`

	Priority        int       `json:"priority"`
	CancelRequested bool      `json:"cancel_requested,omitzero" doc:"Its worker is told at its next heartbeat"`
	EnqueuedAt      time.Time `json:"enqueued_at"`
}

// Place is where a waiting message is in the line.
type Place struct {
	Ahead   int      `json:"ahead" doc:"How many messages are expected to be leased before it, counted up to 10000: its owner's, and those of others whose turn comes before. Weights and maxima of queues are not considered"`
	Seconds *float64 `json:"seconds,omitzero" doc:"In how many seconds it may be leased, at the pace at which messages ended during the last minute; absent when none did"`
}

// Detail is a message with its payload.
type Detail struct {
	Status
	Payload json.RawMessage `json:"payload,omitzero" doc:"Absent once the message has completed"`
}

// Content is what a producer may replace in a waiting message.
type Content struct {
	Payload  json.RawMessage `json:"payload" doc:"Any JSON"`
	Priority int             `json:"priority,omitzero" minimum:"-100" maximum:"100"`
}

// Lease gives a message to a worker until it expires.
type Lease struct {
	ID        ID        `json:"id"`
	Key       string    `json:"key"`
	Token     Token     `json:"token"`
	Queue     string    `json:"queue"`
	Attempt   int       `json:"attempt" doc:"1 for the first attempt"`
	Revision  int       `json:"revision"`
	ExpiresAt time.Time `json:"expires_at"`
	Seconds   float64   `json:"seconds" doc:"How long the lease lasts without a heartbeat; unlike expires_at it does not depend on the worker's clock"`
	RequestID string    `json:"request_id,omitzero" doc:"The request that the work is part of"`

	Traceparent string `json:"traceparent,omitzero" doc:"The span that the work is below"`

	Owner   string          `json:"owner,omitzero" doc:"Whose work it is"`
	Payload json.RawMessage `json:"payload"`
}

// Held names one lease to the service.
type Held struct {
	ID    ID    `json:"id" pattern:"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$" patternDescription:"a UUID in lower case"`
	Token Token `json:"token" minimum:"1"`
}

// Beat renews one lease and reports its progress.
type Beat struct {
	Held
	Progress float64 `json:"progress,omitzero" minimum:"0" maximum:"1"`
}

// Verdict is the service's answer about one lease.
type Verdict string

// The verdicts.
const (
	Extended Verdict = "extended"  // heartbeat: the lease was renewed
	Accepted Verdict = "accepted"  // complete, release or part: done as asked
	Stale    Verdict = "stale"     // the token is not the greatest, the lease is another account's, or the message has ended: nothing was changed
	Stop     Verdict = "cancelled" // heartbeat: the producer cancelled the message; complete it with an error or release it
)

// Verdicts answers a call about several leases, in its order.
type Verdicts struct {
	Items []HeldVerdict `json:"items" nullable:"false"`
}

// HeldVerdict is the verdict on one lease.
type HeldVerdict struct {
	Held
	Verdict   Verdict   `json:"verdict"`
	ExpiresAt time.Time `json:"expires_at,omitzero" doc:"Of an extended lease"`
}

// Completion ends one lease: with a result, or with an error.
type Completion struct {
	Held
	Result    json.RawMessage `json:"result,omitzero" doc:"Any JSON"`
	Parts     int             `json:"parts,omitzero" minimum:"0" doc:"How many parts of the result were sent before"`
	Error     string          `json:"error,omitzero" maxLength:"4000" doc:"Why there is no result"`
	Retryable bool            `json:"retryable,omitzero" doc:"A retry may succeed: try again after a back-off"`
}

// Part is a part of a result that is too large for one completion. Another one with
// the same index, under the same token or a greater one, replaces it. Its body is sent as
// it is, so that no program on the way has to parse it. The holder of a message may read
// the parts of its earlier leases. Parts that a completion does not count are dropped with it.
type Part struct {
	Held
	Index int    // 0 to 99999
	Body  []byte // any bytes; the queue does not interpret them
}

// Result is one ended message in the feed, or one that had ended and waits again.
type Result struct {
	Position Position        `json:"position"`
	ID       ID              `json:"id"`
	Key      string          `json:"key"`
	Outcome  Outcome         `json:"outcome" doc:"completed, failed, cancelled or dead; redriven, for readers that ask for it, when the message had ended and waits again"`
	Revision int             `json:"revision"`
	Attempts int             `json:"attempts"`
	Result   json.RawMessage `json:"result,omitzero"`
	Parts    int             `json:"parts,omitzero"`
	Error    string          `json:"error,omitzero"`
	LeasedAt *time.Time      `json:"leased_at,omitzero" doc:"Of its last lease"`
	EndedAt  time.Time       `json:"ended_at" doc:"Or since when it waits again"`

	EnqueuedAt time.Time   `json:"enqueued_at,omitzero"`
	Token      Token       `json:"token,omitzero" doc:"Of its last lease"`
	ByHolder   bool        `json:"by_holder,omitzero" doc:"The worker of that lease ended it"`
	Past       []PastLease `json:"past,omitzero" nullable:"false" doc:"The leases before the last one, the newest 16, the oldest first"`
}

// PastLease is a lease that ended without ending its message.
type PastLease struct {
	Token    Token     `json:"token"`
	Worker   string    `json:"worker"`
	LeasedAt time.Time `json:"leased_at"`
	EndedAt  time.Time `json:"ended_at"`
	Lost     bool      `json:"lost" doc:"It expired, or its worker died; otherwise the worker gave it back"`
	Error    string    `json:"error,omitzero"`
}

// DeadLetter is a message whose attempts are used up.
type DeadLetter struct {
	Position   Position        `json:"position" doc:"In the results feed"`
	ID         ID              `json:"id"`
	Key        string          `json:"key"`
	Priority   int             `json:"priority"`
	Attempts   int             `json:"attempts"`
	Error      string          `json:"error" doc:"Of the last attempt"`
	EnqueuedAt time.Time       `json:"enqueued_at"`
	EndedAt    time.Time       `json:"ended_at"`
	Payload    json.RawMessage `json:"payload"`
}

// Dealing describes what dealing the waiting messages out again changes, counted before
// the queues changed.
type Dealing struct {
	Dealt    int    `json:"dealt" doc:"Waiting messages to deal out"`
	Moved    int    `json:"moved" doc:"How many of them change their queue"`
	Moves    []Move `json:"moves" nullable:"false"`
	UnderWay bool   `json:"under_way,omitzero" doc:"There are so many that the service still deals them out; the list of queues says how far it is"`
}

// Progress says how far a dealing is.
type Progress struct {
	Dealt   int       `json:"dealt" doc:"Messages dealt out so far"`
	Waiting int       `json:"waiting" doc:"Messages that were waiting when it began"`
	BeganAt time.Time `json:"began_at"`
}

// Move counts the messages that go from one queue to another.
type Move struct {
	From     string `json:"from"`
	To       string `json:"to"`
	Messages int    `json:"messages"`
}

// Share is how many leases an owner or a queue gets while others wait, too.
type Share struct {
	Weight    int `json:"weight" minimum:"1" maximum:"1000" default:"1" doc:"What has the weight 2 has twice as many messages leased as what has the weight 1"`
	MaxLeased int `json:"max_leased,omitzero" minimum:"0" maximum:"1000000" doc:"Messages leased at once at most; 0 for no maximum"`
}

// Owner is one owner of messages as the operator of the queues sees it.
type Owner struct {
	Name string `json:"owner" doc:"Empty for messages of producers that name no owner"`
	Share
	Waiting int `json:"waiting" doc:"Counted up to 10000"`
	Leased  int `json:"leased"`
}

// Queue is one queue as its operator sees it.
type Queue struct {
	Name      string `json:"name"`
	Paused    bool   `json:"paused"`
	MaxLength int    `json:"max_length,omitzero" doc:"Waiting messages at most; 0 for no limit"`
	Share
	Waiting   int     `json:"waiting"`
	Leased    int     `json:"leased"`
	OldestAge float64 `json:"oldest_age_seconds" doc:"Age of the oldest waiting message; 0 if none is waiting"`
}
