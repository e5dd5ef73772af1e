package message

import "time"

// The bodies of requests and answers.

// Upload asks to enqueue messages, all or nothing.
type Upload struct {
	Messages []New `json:"messages" minItems:"1" maxItems:"1000" nullable:"false"`
}

// Receipts answers an Upload, in its order.
type Receipts struct {
	Messages []Receipt `json:"messages" nullable:"false"`
}

// Lookup asks for messages by their keys or ids.
type Lookup struct {
	Keys []string `json:"keys,omitzero" maxItems:"1000" nullable:"false"`
	IDs  []ID     `json:"ids,omitzero" maxItems:"1000" nullable:"false"`

	LeasedFor float64 `json:"leased_for,omitzero" minimum:"0.1" maximum:"86400" doc:"Instead of keys and ids: the messages of which workers have had this lease for so many seconds, the longest first, 1000 at most"`

	Places bool `json:"places,omitzero" doc:"Say of each waiting message how many are before it; for 10 messages at most"`
}

// MaxPlaces is how many messages a Lookup of places may ask for.
const MaxPlaces = 10

// Statuses answers a Lookup, in no order and without messages that do not exist.
type Statuses struct {
	Messages []Status `json:"messages" nullable:"false"`
}

// LeaseRequest asks for leases.
type LeaseRequest struct {
	Queues []string `json:"queues,omitzero" maxItems:"100" nullable:"false" doc:"Names of queues; every queue when absent or empty"`
	Max    int      `json:"max,omitzero" default:"1" minimum:"1" maximum:"1000" doc:"Maximum number of messages"`
	Wait   string   `json:"wait,omitzero" example:"30s" doc:"How long to wait for the first message, at most 60s; not at all when absent"`
	Worker string   `json:"worker" minLength:"1" maxLength:"200" pattern:"^[!-~]+$" patternDescription:"printable ASCII without spaces" doc:"Name of the worker; no two live workers may share one"`
}

// InheritRequest says that the predecessors of a worker are dead.
type InheritRequest struct {
	Worker string `json:"worker" minLength:"1" maxLength:"200" pattern:"^[!-~]+#[!-~]+$" patternDescription:"printable ASCII without spaces, with # between the lineage and the name within it" doc:"Name of the worker that takes over: its predecessors are the workers of the same account and lineage whose names sort before its own"`
}

// Leases answers a LeaseRequest. It is empty when no message came in time.
type Leases struct {
	Leases []Lease `json:"leases" nullable:"false"`
}

// Items is a call about several leases, each named once.
type Items[T any] struct {
	Items []T `json:"items" minItems:"1" maxItems:"1000" nullable:"false"`
}

// Results is a page of the feed. It is empty when no message ended in time.
type Results struct {
	Results []Result `json:"results" nullable:"false"`
	Epoch   Epoch    `json:"epoch" doc:"Which feed this is; it changes when the service has lost what a reader has read, as by a restored backup: positions then mean something else"`
	Gap     *Gap     `json:"gap,omitzero" doc:"Results that the caller has not read and that were deleted"`
}

// Gap says that some of the results after a position and up to another were deleted
// before the caller read them.
type Gap struct {
	After Position `json:"after"`
	To    Position `json:"to"`
}

// NewQueue asks to add a queue.
type NewQueue struct {
	Name      string `json:"name" pattern:"^[a-z0-9][a-z0-9_-]{0,63}$" patternDescription:"1 to 64 of a-z 0-9 _ -, not beginning with _ or -"`
	MaxLength int    `json:"max_length,omitzero" minimum:"0" maximum:"1000000000" doc:"Waiting messages at most; 0 for no limit"`
	Weight    int    `json:"weight,omitzero" minimum:"1" maximum:"1000" default:"1" doc:"A queue with the weight 2 has twice as many messages leased as one with the weight 1, for workers that ask for both"`
	MaxLeased int    `json:"max_leased,omitzero" minimum:"0" maximum:"1000000" doc:"Messages leased at once at most; 0 for no maximum"`
}

// QueueLimit asks to change how many messages may wait in a queue.
type QueueLimit struct {
	MaxLength int `json:"max_length" minimum:"0" maximum:"1000000000" doc:"0 for no limit"`
}

// QueueShare asks to change which share of the leases a queue gets; what is absent stays.
type QueueShare struct {
	Weight    *int `json:"weight,omitzero" minimum:"1" maximum:"1000" doc:"A queue with the weight 2 has twice as many messages leased as one with the weight 1, for workers that ask for both"`
	MaxLeased *int `json:"max_leased,omitzero" minimum:"0" maximum:"1000000" doc:"Messages leased at once at most; 0 for no maximum"`
}

// Queues lists the queues, in the order of their creation.
type Queues struct {
	Queues  []Queue   `json:"items" nullable:"false"`
	Before  []Queue   `json:"queues" nullable:"false" deprecated:"true" doc:"The same as items: the name that the list had before"`
	Dealing *Progress `json:"dealing,omitzero" doc:"How far the service has dealt the waiting messages out again since the queues changed; absent when it has done so"`
}

// Owners is a page of the owners, by name.
type Owners struct {
	Owners []Owner `json:"items" nullable:"false"`
	Before []Owner `json:"owners" nullable:"false" deprecated:"true" doc:"The same as items: the name that the list had before"`
}

// DeadLetters is a page of the dead letters, oldest first.
type DeadLetters struct {
	Dead   []DeadLetter `json:"items" nullable:"false"`
	Before []DeadLetter `json:"dead" nullable:"false" deprecated:"true" doc:"The same as items: the name that the list had before"`
}

// Selection names dead letters: some, those that a filter matches, or all.
type Selection struct {
	IDs    []ID    `json:"ids,omitzero" maxItems:"1000" nullable:"false"`
	All    bool    `json:"all,omitzero"`
	Filter *Filter `json:"filter,omitzero" doc:"Those for which each of its fields is true, the oldest first"`
}

// Filter chooses among the dead letters. At least one of its fields but Limit is set.
type Filter struct {
	DiedBefore    time.Time `json:"died_before,omitzero"`
	DiedAfter     time.Time `json:"died_after,omitzero" doc:"Or at this time"`
	ErrorContains string    `json:"error_contains,omitzero" maxLength:"200" doc:"Text in the last error, upper and lower case alike"`
	KeyPrefix     string    `json:"key_prefix,omitzero" maxLength:"200"`
	Limit         int       `json:"limit,omitzero" minimum:"0" maximum:"1000000" doc:"Most messages; all that match when it is absent"`
}

// Empty reports whether f chooses all dead letters.
func (f Filter) Empty() bool {
	return f.DiedBefore.IsZero() && f.DiedAfter.IsZero() && f.ErrorContains == "" && f.KeyPrefix == ""
}

// Count answers how many messages were affected.
type Count struct {
	Messages int `json:"messages"`
}
