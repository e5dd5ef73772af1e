package client

import (
	"time"

	"foliocast/internal/job"
)

// NewWebhook asks for a webhook.
type NewWebhook struct {
	Name string `json:"name" pattern:"^[a-z0-9][a-z0-9._-]{0,63}$" patternDescription:"a name of a-z 0-9 . _ -" doc:"Among the webhooks of the caller"`
	job.WebhookPlan
}

// WebhookChange changes what it names, and leaves the rest.
type WebhookChange struct {
	URL     *string      `json:"url,omitzero" maxLength:"2000"`
	Kinds   *[]string    `json:"kinds,omitzero" maxItems:"3" enum:"job,dataset,schedule" doc:"An empty list chooses all"`
	States  *[]job.State `json:"states,omitzero" maxItems:"7" enum:"queued,running,done,partial,failed,cancelled,dead" doc:"An empty list chooses all"`
	Owner   *string      `json:"owner,omitzero" maxLength:"200" doc:"An empty text chooses all"`
	Dataset *string      `json:"dataset,omitzero" pattern:"^([a-z0-9][a-z0-9._-]{0,63})?$" patternDescription:"the name of a dataset" doc:"An empty text chooses all"`
	Enabled *bool        `json:"enabled,omitzero" doc:"While it is disabled, events wait in the log, and deliveries wait as well"`
}

// SecretWebhook is a webhook with its new secret, which is shown once.
type SecretWebhook struct {
	job.Webhook
	Secret string `json:"secret" doc:"What signs messages, in the form of Standard Webhooks: whsec_ and 32 bytes in base64. It is not shown again"`
}

// Webhooks is a page of webhooks, by name.
type Webhooks struct {
	Items []job.Webhook `json:"items" nullable:"false"`
	Next  string        `json:"next,omitzero" doc:"To send as after for the next page; absent on the last"`
}

// WebhookRotation says how long the present secret signs messages beside the new one.
type WebhookRotation struct {
	Overlap *int64 `json:"overlap,omitzero" minimum:"0" maximum:"2592000" doc:"Seconds, 30 days at most; a day when it is absent"`
}

// WebhookTest is what came of a test message.
type WebhookTest struct {
	Delivered bool   `json:"delivered"`
	Status    int    `json:"status,omitzero" doc:"HTTP status that the receiver answered"`
	Error     string `json:"error,omitzero"`
	TookMS    int64  `json:"took_ms"`
}

// Redelivery chooses deliveries that are to be sent again.
type Redelivery struct {
	State job.DeliveryState `json:"state,omitzero" enum:"dead,delivered" doc:"Of the deliveries; dead when it is absent"`
	Since time.Time         `json:"since,omitzero" doc:"Only events from this time on"`
	Until time.Time         `json:"until,omitzero" doc:"Only events before this time"`
}

// Redelivered says what was queued again.
type Redelivered struct {
	Deliveries int  `json:"deliveries" doc:"How many, 10,000 at most, those of the oldest events first"`
	More       bool `json:"more" doc:"Whether there may be more of them"`
}

// Deliveries is a page of deliveries, those of the latest events first.
type Deliveries struct {
	Items []job.Delivery `json:"items" nullable:"false"`
	Next  int64          `json:"next,omitzero" doc:"To send as before for the next page; absent on the last"`
}
