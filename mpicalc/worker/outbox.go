package worker

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v5"

	"foliocast/queue/message"
)

// entry is one part or one completion in the outbox.
type entry struct {
	job        *leasedJob
	part       *message.Part
	completion *message.Completion
	bytes      int
	retry      *backoff.ExponentialBackOff
	failures   int
	notBefore  time.Time
	alone      bool // it has a call of its own, so that what is wrong with it does not hold up others
	replaced   bool // it replaces a result that the queue refused
	saved      bool // a part that is saved for a later worker
}

func newEntry(e entry) *entry {
	e.retry = newBackoff(200*time.Millisecond, 5*time.Second)
	return &e
}

// outbox holds the parts and completions that are to be sent. Each is sent until the queue says what became of it; the
// parts of a job are sent before its completion.
type outbox struct {
	queue Queue
	jobs  *registry
	log   *slog.Logger

	spans spans

	mu      sync.Mutex
	waiting []*entry // in the order in which they were added
	bytes   int
	added   chan struct{} // holds a token when there is a new entry
	removed sync.Cond     // on mu: an entry was removed, or the outbox was closed
	closed  bool
	giveUp  time.Time // when closed
	calls   context.Context
	endCall context.CancelFunc // ends calls
}

func newOutbox(queue Queue, jobs *registry, log *slog.Logger) *outbox {
	o := &outbox{queue: queue, jobs: jobs, log: log, added: make(chan struct{}, 1)}
	o.calls, o.endCall = context.WithCancel(context.Background())
	o.removed.L = &o.mu
	return o
}

// maxError bounds the text of an error, in characters. The queue has the same bound.
const maxError = 4000

// complete adds the end of a job, which counts as answered from then on.
func (o *outbox) complete(j *leasedJob, c message.Completion) {
	c.Held = j.key()
	c.Error = firstRunes(c.Error, maxError)
	o.jobs.markAnswered(j)
	o.mu.Lock()
	o.remove(func(e *entry) bool { return e.saved && e.job == j }) // nobody will go on from it
	o.mu.Unlock()
	o.add(newEntry(entry{job: j, completion: &c, bytes: len(c.Result) + len(c.Error)}))
}

func firstRunes(s string, n int) string {
	if runes := []rune(s); len(runes) > n {
		return string(runes[:n])
	}
	return s
}

// waitingBytes is how much may wait to be sent before jobs with parts to add have to wait.
const waitingBytes = 32 << 20

// part adds a part of a job's answer. It waits while the outbox is full, and returns errLeaseLost when the job no longer
// belongs to this worker.
func (o *outbox) part(j *leasedJob, part message.Part) error {
	part.Held = j.key()
	o.mu.Lock()
	for o.bytes > waitingBytes && j.valid() && !o.closed {
		o.removed.Wait()
	}
	o.mu.Unlock()
	if !j.valid() {
		return errLeaseLost
	}
	o.add(newEntry(entry{job: j, part: &part, bytes: len(part.Body)}))
	return nil
}

// save adds a part that is saved for a later worker.
func (o *outbox) save(j *leasedJob, part message.Part) {
	part.Held = j.key()
	o.add(newEntry(entry{job: j, part: &part, bytes: len(part.Body), saved: true}))
}

// awaitSaved waits until what is to be saved of some jobs has been sent, or for the given time.
func (o *outbox) awaitSaved(jobs []*leasedJob, most time.Duration) {
	end := time.Now().Add(most)
	defer time.AfterFunc(most, func() {
		o.mu.Lock()
		defer o.mu.Unlock()
		o.removed.Broadcast()
	}).Stop()
	o.mu.Lock()
	defer o.mu.Unlock()
	for time.Now().Before(end) && slices.ContainsFunc(o.waiting, func(e *entry) bool { return e.saved && slices.Contains(jobs, e.job) }) {
		o.removed.Wait()
	}
}

// full reports whether jobs with parts to add have to wait.
func (o *outbox) full() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.bytes > waitingBytes
}

// behind reports whether the outbox is full or has at least limit entries, so that no more jobs should be leased.
func (o *outbox) behind(limit int) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.bytes > waitingBytes || len(o.waiting) >= limit
}

func (o *outbox) add(e *entry) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.waiting = append(o.waiting, e)
	o.bytes += e.bytes
	signal(o.added)
}

// close makes run return when everything is sent, or after the given time.
func (o *outbox) close(after time.Duration) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.closed, o.giveUp = true, time.Now().Add(after)
	time.AfterFunc(after, o.endCall)
	o.removed.Broadcast()
	signal(o.added)
}

// run sends until the outbox is closed.
func (o *outbox) run() {
	defer o.endCall()
	for {
		batch, next, done := o.next(time.Now())
		if done {
			return
		}
		if len(batch) > 0 {
			o.send(batch)
			continue
		}
		var timer <-chan time.Time
		if !next.IsZero() {
			timer = time.After(time.Until(next))
		}
		select {
		case <-o.added:
		case <-timer:
		}
	}
}

// next chooses what to send now, oldest first: one part, or completions. When nothing is due it says when the next entry
// is. done is true when there is nothing left to do.
func (o *outbox) next(now time.Time) (batch []*entry, next time.Time, done bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.remove(func(e *entry) bool { return e.part != nil && !e.job.valid() })
	if o.closed && (len(o.waiting) == 0 || now.After(o.giveUp)) {
		for _, e := range o.waiting {
			o.log.Error("not sent: the lease will expire", "job_id", e.job.task.Job, "request_id", e.job.lease.RequestID)
		}
		return nil, next, true
	}
	if o.closed {
		next = o.giveUp
	}
	bytes := 0
	hasParts := make(map[*leasedJob]bool) // of the jobs so far
	for _, e := range o.waiting {
		first := len(batch) == 0
		switch {
		case hasParts[e.job] && e.completion != nil:
			continue
		case e.notBefore.After(now):
			if next.IsZero() || e.notBefore.Before(next) {
				next = e.notBefore
			}
		case first || !e.alone && e.part == nil && len(batch) < callItems && bytes+e.bytes <= callBytes:
			batch = append(batch, e)
			bytes += e.bytes
			if e.alone || e.part != nil {
				return batch, next, false
			}
		}
		hasParts[e.job] = hasParts[e.job] || e.part != nil
	}
	return batch, next, false
}

// remove removes entries. The lock is held.
func (o *outbox) remove(which func(*entry) bool) {
	o.waiting = slices.DeleteFunc(o.waiting, func(e *entry) bool {
		if !which(e) {
			return false
		}
		o.bytes -= e.bytes
		return true
	})
	o.removed.Broadcast()
}
