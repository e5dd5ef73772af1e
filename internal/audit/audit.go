// Package audit is the form of the audit trail: what was changed or refused, by whom,
// with which credential and from where. Each service keeps a trail of its own; package
// trail stores it, and package auditapi shows it. The package also carries what is
// known of a request to the code that records a change.
package audit

import (
	"encoding/json"
	"time"
)

// Event is one change, or one request that was refused. It never has a password, a
// token or another secret.
type Event struct {
	Position   int64           `json:"position" doc:"In the trail of this service; greater is later"`
	At         time.Time       `json:"at"`
	Actor      Actor           `json:"actor"`
	OnBehalfOf string          `json:"on_behalf_of,omitzero" doc:"Subject for whom the actor, a service, says that it acts"`
	Action     string          `json:"action" doc:"Name of the operation, as in cancel-job"`
	Object     Object          `json:"object"`
	Before     json.RawMessage `json:"before,omitzero" doc:"What the change replaced"`
	After      json.RawMessage `json:"after,omitzero" doc:"What it is now"`
	Source     string          `json:"source,omitzero" doc:"Address that the request came from"`
	RequestID  string          `json:"request_id,omitzero"`
	Outcome    Outcome         `json:"outcome" enum:"done,refused"`
	Reason     string          `json:"reason,omitzero" doc:"Of a refusal"`
	Times      int             `json:"times" doc:"How many refusals like this one the event stands for"`
}

// Actor is who acted, and with which credential.
type Actor struct {
	Subject string `json:"subject" doc:"Id of the user, name of the service account, system, or operator for a command on the service's machine; empty when nobody proved who they are"`
	Name    string `json:"name,omitzero" doc:"Of the user or the service account"`
	Client  string `json:"client,omitzero" doc:"Program that the token was issued to"`
	Token   string `json:"token,omitzero" doc:"Id of the token"`
	Session string `json:"session,omitzero" doc:"Login that the token came from"`
}

// System is the actor of what a service does by itself.
func System() Actor { return Actor{Subject: "system"} }

// Object is what was acted on.
type Object struct {
	Kind string `json:"kind" doc:"As in user, job, dataset, queue, message"`
	ID   string `json:"id,omitzero"`
}

// Outcome is what became of an action.
type Outcome string

// The outcomes.
const (
	Done    Outcome = "done"
	Refused Outcome = "refused"
)

// Page is a page of events, the latest first.
type Page struct {
	Events []Event `json:"items" nullable:"false"`
	Before []Event `json:"events" nullable:"false" deprecated:"true" doc:"The same as items: the name that the list had before"`
	Next   int64   `json:"next,omitzero" doc:"The position to send as before for the next page"`
}

// maxDetail bounds what an event says of before or after, in bytes.
const maxDetail = 4 << 10

// Detail writes v for the fields before and after of an event. What is too long is
// left out, and its length is said instead.
func Detail(v any) json.RawMessage {
	text, err := json.Marshal(v)
	if err != nil {
		return json.RawMessage(`{"left_out":"it cannot be written as JSON"}`)
	}
	if len(text) > maxDetail {
		text, _ = json.Marshal(map[string]int{"left_out_bytes": len(text)}) // numbers always can
	}
	return text
}
