package store

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"foliocast/internal/audit"
	"foliocast/internal/job"
	"foliocast/internal/postgres"
	"foliocast/internal/problem"
)

// Webhook is a webhook with what only this service knows about it.
type Webhook struct {
	job.Webhook
	ID      string
	Owner   string          // name of the user who made it
	Subject string          // identifier of that user
	Types   []job.EventType // of events that its filter chooses and its owner may see
	Secret  string          // of a new one
}

func webhookObject(id string) audit.Object { return audit.Object{Kind: "webhook", ID: id} }

// scanWebhook reads the columns of list_webhooks.
func scanWebhook(row pgx.CollectableRow) (w Webhook, err error) {
	var plan []byte
	var status *int
	if err = row.Scan(&w.ID, &w.Name, &w.Owner, &w.Subject, &plan, &w.Types, &w.Enabled, &w.Note, &w.CreatedAt, &w.OldUntil, &w.Position,
		&w.Waiting, &w.Dead, &w.Failures, &w.LastSuccessAt, &w.LastFailureAt, &status, &w.LastError); err != nil {
		return w, err
	}
	w.CreatedAt, w.OldUntil, w.LastSuccessAt, w.LastFailureAt, w.LastStatus = w.CreatedAt.UTC(), utc(w.OldUntil), utc(w.LastSuccessAt), utc(w.LastFailureAt), given(status)
	w.WebhookPlan, err = readWebhookPlan(plan)
	return w, err
}

func readWebhookPlan(text []byte) (p job.WebhookPlan, err error) {
	if err = json.Unmarshal(text, &p); err != nil {
		err = fmt.Errorf("read the plan of a webhook: %w", err)
	}
	return p, err
}

// told is what the audit trail says of a webhook. An address may be a secret: it has the host alone.
func told(name string, p job.WebhookPlan, enabled bool) json.RawMessage {
	return audit.Detail(struct {
		Name string `json:"name"`
		Host string `json:"host"`
		job.WebhookFilter
		Enabled bool `json:"enabled"`
	}{name, hostOf(p.URL), p.WebhookFilter, enabled})
}

func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Host
}

// CreateWebhook stores a webhook with its name, plan, types, secret and owner; it gets the events from now on. The error is a
// problem of kind Conflict when the owner has one of the name, and TooMany when they have most, unless
// most is 0.
func (s *Store) CreateWebhook(ctx context.Context, n Webhook, most int) error {
	id, err := uuid.NewV7()
	if err != nil {
		return fmt.Errorf("generate an identifier: %w", err)
	}
	plan, err := json.Marshal(n.WebhookPlan)
	if err != nil {
		return fmt.Errorf("encode a plan: %w", err)
	}
	return wrapped("create a webhook", postgres.Tx(ctx, s.pool, func(tx postgres.Transaction) error {
		has, err := postgres.One(ctx, tx, pgx.RowTo[int], s.sql.CountWebhooks, n.Subject)
		if err != nil {
			return err
		}
		if most > 0 && has >= most {
			return problem.Newf(problem.TooMany, "you have %d webhooks, and may have %d: remove one", has, most)
		}
		_, made, err := postgres.Find(ctx, tx, pgx.RowTo[string], s.sql.InsertWebhook, id.String(), n.Name, n.Owner, n.Subject, plan, n.Types, n.Secret)
		if err != nil {
			return err
		}
		if !made {
			return problem.Newf(problem.Conflict, "you already have a webhook %s", n.Name)
		}
		return s.Trail.Add(ctx, tx, audit.Event{Action: "create-webhook", Object: webhookObject(id.String()), After: told(n.Name, n.WebhookPlan, true)})
	}))
}

// Webhook finds a webhook of a subject. Without one, the error is a problem of kind NotFound.
func (s *Store) Webhook(ctx context.Context, subject, name string) (Webhook, error) {
	found, ok, err := postgres.Find(ctx, s.pool, scanWebhook, s.sql.ListWebhooks, subject, "", 1, name)
	if err == nil && !ok {
		err = noWebhook(name)
	}
	return found, wrapped("get a webhook", err)
}

func noWebhook(name string) error {
	return problem.Newf(problem.NotFound, "you have no webhook %s", name)
}

// Webhooks lists at most limit webhooks of a subject whose names come after a name.
func (s *Store) Webhooks(ctx context.Context, subject, after string, limit int) ([]Webhook, error) {
	all, err := postgres.Collect(ctx, s.pool, scanWebhook, s.sql.ListWebhooks, subject, after, limit, "")
	return all, wrapped("list webhooks", err)
}

// lockedWebhook is a webhook whose row is locked.
type lockedWebhook struct {
	ID      string
	Plan    []byte
	Enabled bool
}

// withWebhook runs f in a transaction in which the webhook is locked.
func (s *Store) withWebhook(ctx context.Context, subject, name string, f func(tx postgres.Transaction, w lockedWebhook) error) error {
	return postgres.Tx(ctx, s.pool, func(tx postgres.Transaction) error {
		w, found, err := postgres.Find(ctx, tx, pgx.RowToStructByPos[lockedWebhook], s.sql.LockWebhook, subject, name)
		if err != nil {
			return err
		}
		if !found {
			return noWebhook(name)
		}
		return f(tx, w)
	})
}

// ChangeWebhook replaces what change makes of a webhook: its plan, its types and whether it is enabled. Enabled again, it goes on
// after the events that it has had. An error of change is returned unchanged; it may run again.
func (s *Store) ChangeWebhook(ctx context.Context, subject, name string, change func(p *job.WebhookPlan, enabled *bool) ([]job.EventType, error)) error {
	return wrapped("change a webhook", s.withWebhook(ctx, subject, name, func(tx postgres.Transaction, w lockedWebhook) error {
		was, err := readWebhookPlan(w.Plan)
		if err != nil {
			return err
		}
		plan, enabled := was, w.Enabled
		types, err := change(&plan, &enabled)
		if err != nil {
			return err
		}
		text, err := json.Marshal(plan)
		if err != nil {
			return err
		}
		if _, err := postgres.Exec(ctx, tx, s.sql.ReplaceWebhook, w.ID, text, types, enabled); err != nil {
			return err
		}
		return s.Trail.Add(ctx, tx, audit.Event{Action: "update-webhook", Object: webhookObject(w.ID),
			Before: told(name, was, w.Enabled), After: told(name, plan, enabled)})
	}))
}

// RotateWebhook gives a webhook a new secret, beside which the present one signs messages for the overlap.
func (s *Store) RotateWebhook(ctx context.Context, subject, name, secret string, overlap time.Duration) error {
	return wrapped("rotate the secret of a webhook", s.withWebhook(ctx, subject, name, func(tx postgres.Transaction, w lockedWebhook) error {
		if _, err := postgres.Exec(ctx, tx, s.sql.RotateWebhook, w.ID, secret, int64(overlap.Seconds())); err != nil {
			return err
		}
		return s.Trail.Add(ctx, tx, audit.Event{Action: "rotate-webhook", Object: webhookObject(w.ID), After: audit.Detail(map[string]int64{"overlap": int64(overlap.Seconds())})})
	}))
}

// RemoveWebhook removes a webhook with its deliveries.
func (s *Store) RemoveWebhook(ctx context.Context, subject, name string) error {
	return wrapped("remove a webhook", s.withWebhook(ctx, subject, name, func(tx postgres.Transaction, w lockedWebhook) error {
		plan, err := readWebhookPlan(w.Plan)
		if err != nil {
			return err
		}
		if _, err := postgres.Exec(ctx, tx, s.sql.DeleteWebhook, w.ID); err != nil {
			return err
		}
		return s.Trail.Add(ctx, tx, audit.Event{Action: "remove-webhook", Object: webhookObject(w.ID), Before: told(name, plan, w.Enabled)})
	}))
}

// Target is where a webhook sends its messages, and what signs them.
type Target struct {
	Webhook string // its identifier
	Name    string
	URL     string
	Secret  string
	Old     *string // the secret before, while it signs, too
}

// TestWebhook records that a webhook is tested, and returns where its messages go.
func (s *Store) TestWebhook(ctx context.Context, subject, name string) (t Target, err error) {
	err = s.withWebhook(ctx, subject, name, func(tx postgres.Transaction, w lockedWebhook) error {
		if t, err = postgres.One(ctx, tx, pgx.RowToStructByPos[Target], s.sql.GetTarget, w.ID); err != nil {
			return err
		}
		return s.Trail.Add(ctx, tx, audit.Event{Action: "test-webhook", Object: webhookObject(w.ID), After: audit.Detail(map[string]string{"host": hostOf(t.URL)})})
	})
	return t, wrapped("test a webhook", err)
}

// Redelivery chooses deliveries that have ended.
type Redelivery struct {
	State job.DeliveryState
	Since *time.Time // of the events; nil for any
	Until *time.Time
}

// Redeliver queues at most limit deliveries of a webhook again, those of the oldest events first, under the ids that
// they had. It returns how many.
func (s *Store) Redeliver(ctx context.Context, subject, name string, r Redelivery, limit int) (n int, err error) {
	err = s.withWebhook(ctx, subject, name, func(tx postgres.Transaction, w lockedWebhook) error {
		if n, err = postgres.One(ctx, tx, pgx.RowTo[int], s.sql.Redeliver, w.ID, r.State, r.Since, r.Until, limit); err != nil {
			return err
		}
		return s.Trail.Add(ctx, tx, audit.Event{Action: "redeliver-webhook", Object: webhookObject(w.ID), After: audit.Detail(map[string]any{"state": r.State, "since": r.Since, "until": r.Until, "deliveries": n})})
	})
	return n, wrapped("redeliver events", err)
}

// Deliveries lists at most limit deliveries of a webhook, those of the latest events first: of events before a position, in one state unless
// that is empty.
func (s *Store) Deliveries(ctx context.Context, id string, state job.DeliveryState, before int64, limit int) ([]job.Delivery, error) {
	all, err := postgres.Collect(ctx, s.pool, func(row pgx.CollectableRow) (d job.Delivery, err error) {
		var status *int
		err = row.Scan(&d.Event, &d.ID, &d.Type, &d.At, &d.State, &d.Attempts, &d.NextAt, &d.LastAt, &status, &d.LastError)
		d.At, d.NextAt, d.LastAt, d.LastStatus = d.At.UTC(), utc(d.NextAt), utc(d.LastAt), given(status)
		return d, err
	}, s.sql.ListDeliveries, id, state, before, limit)
	return all, wrapped("list deliveries", err)
}
