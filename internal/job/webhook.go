package job

import "time"

// WebhookFilter chooses the events that a webhook gets. Its zero value chooses all but progress.
type WebhookFilter struct {
	Kinds   []string `json:"kinds,omitzero" maxItems:"3" enum:"job,dataset,schedule" doc:"Only events about these; about all when absent"`
	States  []State  `json:"states,omitzero" maxItems:"7" enum:"queued,running,done,partial,failed,cancelled,dead" doc:"Of jobs, only the events by which one enters one of these states"`
	Owner   string   `json:"owner,omitzero" maxLength:"200" doc:"Only events of this user's jobs, datasets and schedules"`
	Dataset string   `json:"dataset,omitzero" pattern:"^([a-z0-9][a-z0-9._-]{0,63})?$" patternDescription:"the name of a dataset" doc:"Only events of this dataset and of jobs on it"`
}

// WebhookPlan is where a webhook sends which events.
type WebhookPlan struct {
	URL string `json:"url" maxLength:"2000" doc:"Where each event is posted: https, without a user name" example:"https://example.com/hooks/foliocast"`
	WebhookFilter
}

// Webhook posts events to an address.
type Webhook struct {
	Name string `json:"name"`
	WebhookPlan
	Enabled       bool       `json:"enabled"`
	Note          string     `json:"note,omitzero" doc:"Why the service has disabled it"`
	CreatedAt     time.Time  `json:"created_at"`
	OldUntil      *time.Time `json:"old_secret_until,omitzero" doc:"Until when messages are signed with the secret before, too"`
	Position      int64      `json:"position" doc:"The event up to which events were queued for it"`
	Waiting       int        `json:"waiting" doc:"Deliveries that wait, for their first attempt or the next; 10,000 at most, and further events wait in the log"`
	Dead          int        `json:"dead" doc:"Deliveries that were given up, counted up to 10,000"`
	Failures      int        `json:"failures" doc:"Attempts that have failed since the last that succeeded"`
	LastSuccessAt *time.Time `json:"last_success_at,omitzero"`
	LastFailureAt *time.Time `json:"last_failure_at,omitzero"`
	LastStatus    int        `json:"last_status,omitzero" doc:"HTTP status of the last failure; absent without an answer"`
	LastError     string     `json:"last_error,omitzero" doc:"Why the last failure failed"`
}

// DeliveryState is how far the delivery of an event to a webhook is.
type DeliveryState string

// A delivery waits for its first or next attempt until one succeeds or it is given up.
const (
	DeliveryWaiting   DeliveryState = "waiting"
	DeliveryDelivered DeliveryState = "delivered"
	DeliveryDead      DeliveryState = "dead"
)

// Delivery is an event on its way to a webhook.
type Delivery struct {
	Event      int64         `json:"event" doc:"Position of the event"`
	ID         string        `json:"id" doc:"The header webhook-id, the same in all attempts"`
	Type       EventType     `json:"type"`
	At         time.Time     `json:"at" doc:"When the event happened"`
	State      DeliveryState `json:"state" enum:"waiting,delivered,dead"`
	Attempts   int           `json:"attempts" doc:"Since the event was queued, or queued again"`
	NextAt     *time.Time    `json:"next_at,omitzero" doc:"When it is tried next"`
	LastAt     *time.Time    `json:"last_at,omitzero" doc:"When the last attempt ended"`
	LastStatus int           `json:"last_status,omitzero" doc:"HTTP status that the receiver answered"`
	LastError  string        `json:"last_error,omitzero"`
}

// WebhookMessage is the body of a delivery, in the form of Standard Webhooks.
type WebhookMessage struct {
	Type      EventType `json:"type"`
	Timestamp time.Time `json:"timestamp" doc:"When the event happened"`
	Data      LogEvent  `json:"data"`
}
