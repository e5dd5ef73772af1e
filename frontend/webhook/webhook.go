// Package webhook posts events to the addresses of webhooks, in the form of Standard Webhooks. Deliveries are rows of
// the store, so that a process which dies at any moment loses none: each event goes out at least once, under one id. It
// sends to public addresses alone, unless it is told of others. It does not know who may have a webhook.
package webhook

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"time"

	"foliocast/frontend/store"
	"foliocast/internal/auth"
	"foliocast/internal/job"
)

const (
	lookEvery  = 2 * time.Second // how often deliveries that are due are looked for without being told
	dealEvery  = 5 * time.Second // the same for events
	dealPause  = 250 * time.Millisecond
	again      = time.Second      // after a failure of the database
	claimTime  = 30 * time.Second // an attempt and its note take less
	noteTime   = 10 * time.Second
	ownerEvery = 10 * time.Second // how often the rights of owners are asked for

	quick = time.Second    // within which a quick receiver answers
	tired = 72 * time.Hour // a webhook that has failed for so long is disabled when it gives a delivery up
)

// pace is how a webhook's receiver has answered last.
type pace int

const (
	unknown pace = iota
	swift        // it took a message within a second
	slow         // it took longer, or none
)

// rooms say how many attempts may be under way: in all, for receivers of a pace, and for one of them. Those that are
// slow or unknown never take all of it, so that they cost the others nothing.
var rooms = []struct {
	of        pace
	most, one int
}{{swift, most, 4}, {unknown, most / 2, 1}, {slow, most / 4, 1}}

// most is how many attempts may be under way.
const most = 64

// waits are those between attempts, as Standard Webhooks recommends: three days in all.
var waits = []time.Duration{5 * time.Second, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 5 * time.Hour, 10 * time.Hour, 14 * time.Hour, 20 * time.Hour, 24 * time.Hour}

// Log is a log of events that grows.
type Log interface {
	// Grown returns a channel that is closed when the log has grown.
	Grown() <-chan struct{}
}

// Rights returns the scopes of a user by their subject, none of a user who was removed.
type Rights func(ctx context.Context, subject string) ([]auth.Scope, error)

// Worker delivers events. Several processes may run one on the same store.
type Worker struct {
	store  *store.Store
	sender *Sender
	events Log
	rights Rights
	log    *slog.Logger
	kicked chan struct{} // there may be something to deliver

	mu       sync.Mutex
	underWay map[string]int // attempts, by webhook
	of       map[pace]int   // attempts, by the pace at their beginning
	paces    map[string]pace
}

// NewWorker returns a worker, which Run lets work.
func NewWorker(s *store.Store, sender *Sender, events Log, rights Rights, log *slog.Logger) *Worker {
	return &Worker{store: s, sender: sender, events: events, rights: rights, log: log, kicked: make(chan struct{}, 1), underWay: map[string]int{}, of: map[pace]int{}, paces: map[string]pace{}}
}

// Run delivers until ctx ends. Attempts that it breaks off are repeated by another process, or after a restart.
func (w *Worker) Run(ctx context.Context) {
	var all sync.WaitGroup
	all.Go(func() {
		w.repeat(ctx, "check the owners of webhooks", w.checkOwners, func() time.Duration { return ownerEvery }, nil)
	})
	all.Go(func() { w.deal(ctx) })
	w.deliver(ctx, &all)
	all.Wait()
	w.sender.Close()
}

// Kick lets the worker look for deliveries.
func (w *Worker) Kick() {
	select {
	case w.kicked <- struct{}{}:
	default: // it is to look already
	}
}

// repeat works again and again until ctx ends: after a time, or when it is woken.
func (w *Worker) repeat(ctx context.Context, what string, work func(context.Context) error, wait func() time.Duration, wake func() <-chan struct{}) {
	failing := false
	for ctx.Err() == nil {
		var woken <-chan struct{}
		if wake != nil {
			woken = wake() // before the work: what comes meanwhile is not missed
		}
		limited, stop := context.WithTimeout(ctx, time.Minute)
		err := work(limited)
		stop()
		rest := wait()
		if err != nil {
			if !failing && ctx.Err() == nil {
				w.log.Warn("the service cannot "+what+", and will try again", "err", err)
			}
			rest, woken = again, nil
		}
		failing = err != nil
		timer := time.NewTimer(rest)
		select {
		case <-ctx.Done():
		case <-woken:
		case <-timer.C:
		}
		timer.Stop()
	}
}

// deal makes deliveries of events as they come.
func (w *Worker) deal(ctx context.Context) {
	w.repeat(ctx, "make deliveries of events", func(ctx context.Context) error {
		for {
			d, err := w.store.DealEvents(ctx)
			if err != nil || d.Webhook == "" {
				return err
			}
			if d.Missed > 0 {
				w.log.Error("events were deleted before a webhook had them", "webhook", d.Webhook, "events", d.Missed)
			}
			if d.Made > 0 {
				w.Kick()
			}
		}
	}, func() time.Duration { return dealEvery }, func() <-chan struct{} {
		grown := w.events.Grown()
		select { // events that come together are dealt together
		case <-time.After(dealPause):
		case <-ctx.Done():
		}
		return grown
	})
}

// deliver begins attempts until ctx ends.
func (w *Worker) deliver(ctx context.Context, attempts *sync.WaitGroup) {
	w.repeat(ctx, "claim deliveries", func(ctx2 context.Context) error { return w.claim(ctx2, ctx, attempts) },
		func() time.Duration { return lookEvery }, func() <-chan struct{} { return w.kicked })
}

// claim begins attempts for what is due, first for webhooks whose receivers are swift.
func (w *Worker) claim(ctx, life context.Context, attempts *sync.WaitGroup) error {
	for _, room := range rooms {
		c := w.room(room.of, room.most, room.one)
		if c.Most <= 0 || !c.Others && len(c.Webhooks) == 0 {
			continue
		}
		all, err := w.store.ClaimDeliveries(ctx, c)
		if err != nil {
			return err
		}
		for _, d := range all {
			w.began(d, room.of)
			attempts.Go(func() {
				defer w.Kick()
				defer w.ended(d, room.of)
				w.attempt(life, d)
			})
		}
	}
	return nil
}

// room says what may be claimed now for receivers of a pace.
func (w *Worker) room(of pace, mostOf, one int) store.Claim {
	w.mu.Lock()
	defer w.mu.Unlock()
	c := store.Claim{Most: min(mostOf-w.of[of], most-w.of[swift]-w.of[unknown]-w.of[slow]), Each: one, For: claimTime, Others: of == unknown}
	for id, p := range w.paces {
		if p == of || of == unknown {
			c.Webhooks = append(c.Webhooks, id)
		}
	}
	for id := range w.underWay {
		c.Busy = append(c.Busy, id)
	}
	return c
}

func (w *Worker) began(d store.Claimed, of pace) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.of[of]++
	w.underWay[d.Webhook]++
}

func (w *Worker) ended(d store.Claimed, of pace) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.of[of]--
	if w.underWay[d.Webhook]--; w.underWay[d.Webhook] == 0 {
		delete(w.underWay, d.Webhook)
	}
}

// attempt attempts a delivery, and notes how that ended.
func (w *Worker) attempt(ctx context.Context, d store.Claimed) {
	a := w.sender.Send(ctx, d.Target, d.Message, d.Body)
	if ctx.Err() != nil && a.Error != "" {
		return // broken off by the end of this process
	}
	w.learn(d.Webhook, a)
	limited, stop := context.WithTimeout(context.WithoutCancel(ctx), noteTime) // also while the process ends
	defer stop()
	if err := w.store.NoteAttempt(limited, d, outcome(d.Attempt, a)); err != nil {
		w.log.Warn("an attempt to deliver an event was not noted, and will be repeated", "webhook", d.Name, "event", d.Position, "err", err)
	}
}

// learn notes how a receiver has answered.
func (w *Worker) learn(webhook string, a Answer) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.paces[webhook] = slow
	if a.Error == "" && a.Took < quick {
		w.paces[webhook] = swift
	}
}

// outcome says what follows an attempt.
func outcome(attempt int, a Answer) store.Attempted {
	o := store.Attempted{Status: a.Status, Error: a.Error, Tired: tired}
	switch {
	case a.Error == "":
	case a.Status == http.StatusGone:
		o.Disable = "the receiver answered 410 Gone"
	case attempt <= len(waits):
		wait := waits[attempt-1]
		o.Again = max(wait+rand.N(wait/5+1), a.RetryAfter) // so that those who failed together do not come together
	}
	return o
}

// checkOwners disables the webhooks of users who may not read jobs any more, and takes from those of others the events that they
// may not see.
func (w *Worker) checkOwners(ctx context.Context) error {
	owners, err := w.store.WebhookOwners(ctx)
	for _, subject := range owners {
		scopes, fault := w.rights(ctx, subject)
		if fault != nil {
			return fault
		}
		if !slices.Contains(scopes, auth.JobsRead) {
			n, fault := w.store.DisableWebhooks(ctx, subject, "its owner was removed, or may not read jobs any more")
			if fault != nil {
				return fault
			}
			w.log.Warn("webhooks disabled: their owner was removed, or may not read jobs any more", "subject", subject, "webhooks", n)
			continue
		}
		if fault := w.store.NarrowWebhooks(ctx, subject, Types(job.WebhookFilter{}, scopes)); fault != nil {
			return fault
		}
	}
	return err
}

// Types lists the types of events that a filter chooses and somebody with the scopes may see. Progress is not for webhooks.
func Types(f job.WebhookFilter, scopes []auth.Scope) []job.EventType {
	return slices.DeleteFunc(job.EventTypes(), func(t job.EventType) bool {
		kind := t.Kind()
		switch {
		case t == job.EventProgress, len(f.Kinds) > 0 && !slices.Contains(f.Kinds, kind), kind == job.DatasetEvents && !slices.Contains(scopes, auth.DatasetsRead):
			return true
		}
		return kind == job.JobEvents && len(f.States) > 0 && !slices.Contains(f.States, t.State())
	})
}
