package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"foliocast/internal/audit"
	"foliocast/internal/job"
	"foliocast/internal/postgres"
)

const (
	// MostWaiting is about how many deliveries wait for one webhook. Further events stay in the log until there are fewer.
	MostWaiting = 10_000
	// dealAtOnce is how many deliveries are made in one transaction.
	dealAtOnce = 500
)

// Dealt says what DealEvents has done.
type Dealt struct {
	Webhook string // its name; "" when no webhook was behind the log
	Made    int    // deliveries
	Missed  int64  // events that were deleted before the webhook had them
}

// DealEvents makes deliveries of the next events for the webhook that is furthest behind the log. Several processes may call it at
// the same time: each event becomes one delivery.
func (s *Store) DealEvents(ctx context.Context) (d Dealt, err error) {
	err = postgres.Tx(ctx, s.pool, func(tx postgres.Transaction) error {
		d = Dealt{}
		type taken struct {
			ID, Name                  string
			Types                     []job.EventType
			Plan                      []byte
			Position, Last, Forgotten int64
		}
		w, found, err := postgres.Find(ctx, tx, pgx.RowToStructByPos[taken], s.sql.TakeWebhook, MostWaiting)
		if err != nil || !found {
			return err
		}
		d.Webhook, d.Missed = w.Name, max(0, w.Forgotten-w.Position)
		plan, err := readWebhookPlan(w.Plan)
		if err != nil {
			return err
		}
		from := max(w.Position, w.Forgotten)
		all, err := postgres.Collect(ctx, tx, scanEvent, s.sql.ListEvents, from, dealAtOnce, eventSpan, w.Types, orAny(plan.Owner), orAny(job.BatchID("")), orAny(plan.Dataset))
		if err != nil {
			return err
		}
		next := min(from+eventSpan, w.Last)
		if n := len(all); n == dealAtOnce || n > 0 && all[n-1].ID > next {
			next = all[n-1].ID
		}
		if d.Made = len(all); d.Made > 0 {
			if err := s.insertDeliveries(ctx, tx, w.ID, all); err != nil {
				return err
			}
		}
		_, err = postgres.Exec(ctx, tx, s.sql.MoveWebhook, w.ID, next)
		return err
	})
	return d, wrapped("make deliveries", err)
}

// insertDeliveries makes deliveries of events. The id of a message has the time of its event: after a
// backup was restored, positions are assigned again, and a receiver that has seen one must not take another event for it.
func (s *Store) insertDeliveries(ctx context.Context, tx postgres.Transaction, webhook string, all []job.LogEvent) error {
	n := len(all)
	positions, messages, types, times, bodies := make([]int64, n), make([]string, n), make([]string, n), make([]time.Time, n), make([]string, n)
	for i, e := range all {
		body, err := json.Marshal(job.WebhookMessage{Type: e.Type, Timestamp: e.At, Data: e})
		if err != nil {
			return err
		}
		positions[i], messages[i], types[i], times[i], bodies[i] = e.ID, fmt.Sprintf("evt_%d_%d", e.ID, e.At.UnixMicro()), string(e.Type), e.At, string(body)
	}
	_, err := postgres.Exec(ctx, tx, s.sql.InsertDeliveries, webhook, positions, messages, types, times, bodies)
	return err
}

// Claimed is a delivery that this process attempts.
type Claimed struct {
	Target
	Position int64  // of the event
	Message  string // the id that the receiver sees
	Body     string
	Attempt  int // the first is 1
}

// Claim says which deliveries are claimed.
type Claim struct {
	Most     int           // of all
	Each     int           // of one webhook
	For      time.Duration // after which another process may claim them
	Webhooks []string      // of these webhooks, or of all others
	Others   bool
	Busy     []string // not of these
}

// ClaimDeliveries claims deliveries that are due, each for an attempt. What is not noted in time is due again.
func (s *Store) ClaimDeliveries(ctx context.Context, c Claim) ([]Claimed, error) {
	all, err := postgres.Collect(ctx, s.pool, func(row pgx.CollectableRow) (d Claimed, err error) {
		err = row.Scan(&d.Webhook, &d.Name, &d.URL, &d.Secret, &d.Old, &d.Position, &d.Message, &d.Body, &d.Attempt)
		return d, err
	}, s.sql.ClaimDeliveries, c.Most, c.For.Seconds(), c.Each, append([]string{}, c.Webhooks...), !c.Others, append([]string{}, c.Busy...))
	return all, wrapped("claim deliveries", err)
}

// Attempted is how an attempt ended. Without an error it succeeded.
type Attempted struct {
	Status  int // 0 without an answer
	Error   string
	Again   time.Duration // until the next attempt; 0 gives the delivery up
	Disable string        // why the webhook is disabled now; "" leaves it
	// Tired is for how long all attempts have to fail until the webhook is disabled when a delivery is given up.
	Tired time.Duration
}

// NoteAttempt notes how an attempt ended. What another attempt has begun since is left to that.
func (s *Store) NoteAttempt(ctx context.Context, c Claimed, a Attempted) error {
	state := job.DeliveryWaiting
	switch {
	case a.Error == "":
		state = job.DeliveryDelivered
	case a.Again == 0:
		state = job.DeliveryDead
	}
	var status *int
	if a.Status != 0 {
		status = &a.Status
	}
	return wrapped("note an attempt", postgres.Tx(ctx, s.pool, func(tx postgres.Transaction) error {
		// The webhook first, as in all transactions that lock both.
		if state == job.DeliveryDelivered {
			if _, err := postgres.Exec(ctx, tx, s.sql.NoteSuccess, c.Webhook); err != nil {
				return err
			}
		} else if err := s.noteFailure(ctx, tx, c, a, state, status); err != nil {
			return err
		}
		_, err := postgres.Exec(ctx, tx, s.sql.NoteDelivery, c.Webhook, c.Position, c.Attempt, state, a.Again.Seconds(), status, a.Error)
		return err
	}))
}

func (s *Store) noteFailure(ctx context.Context, tx postgres.Transaction, c Claimed, a Attempted, state job.DeliveryState, status *int) error {
	type failing struct {
		Subject, Name string
		Enabled       bool
		For           float64 // seconds
	}
	w, found, err := postgres.Find(ctx, tx, pgx.RowToStructByPos[failing], s.sql.NoteFailure, c.Webhook, status, a.Error)
	if err != nil || !found { // removed meanwhile
		return err
	}
	note := a.Disable
	if note == "" && state == job.DeliveryDead && w.For >= a.Tired.Seconds() {
		note = fmt.Sprintf("all attempts have failed for %.0f hours, at last: %s", w.For/3600, a.Error)
	}
	if note == "" || !w.Enabled {
		return nil
	}
	return s.disable(ctx, tx, c.Webhook, w.Subject, w.Name, note)
}

func (s *Store) disable(ctx context.Context, tx postgres.Transaction, id, subject, name, note string) error {
	n, err := postgres.Exec(ctx, tx, s.sql.DisableWebhook, id, note)
	if err != nil || n == 0 {
		return err
	}
	return s.Trail.Add(ctx, tx, audit.Event{Actor: audit.System(), OnBehalfOf: subject, Action: "disable-webhook", Object: webhookObject(id), After: audit.Detail(map[string]string{"name": name, "note": note})})
}

// WebhookOwners lists the subjects of webhooks that are enabled.
func (s *Store) WebhookOwners(ctx context.Context) ([]string, error) {
	all, err := postgres.Collect(ctx, s.pool, pgx.RowTo[string], s.sql.ListWebhookOwners)
	return all, wrapped("list owners of webhooks", err)
}

// NarrowWebhooks takes from a subject's webhooks all types of events but those that the subject may see.
func (s *Store) NarrowWebhooks(ctx context.Context, subject string, may []job.EventType) error {
	_, err := postgres.Exec(ctx, s.pool, s.sql.NarrowWebhooks, subject, may)
	return wrapped("narrow webhooks", err)
}

// DisableWebhooks disables all webhooks of a subject, and returns how many.
func (s *Store) DisableWebhooks(ctx context.Context, subject, note string) (n int, err error) {
	type one struct{ ID, Name string }
	err = postgres.Tx(ctx, s.pool, func(tx postgres.Transaction) error {
		all, err := postgres.Collect(ctx, tx, pgx.RowToStructByPos[one], s.sql.ListEnabledWebhooks, subject)
		if n = len(all); err != nil {
			return err
		}
		for _, w := range all {
			if err := s.disable(ctx, tx, w.ID, subject, w.Name, note); err != nil {
				return err
			}
		}
		return nil
	})
	return n, wrapped("disable webhooks", err)
}

// ForgetDeliveries deletes at most limit deliveries of events that are older than keep, and returns how many.
func (s *Store) ForgetDeliveries(ctx context.Context, keep time.Duration, limit int) (int, error) {
	n, err := postgres.Exec(ctx, s.pool, s.sql.ForgetDeliveries, keep.Seconds(), limit)
	return int(n), wrapped("forget deliveries", err)
}
