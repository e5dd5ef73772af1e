package worker

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"time"

	"foliocast/internal/problem"
	"foliocast/queue/message"
)

const (
	// postItems and postBytes bound one call with completions. A part has a call of its own.
	postItems = 200
	postBytes = 8 << 20
	// waitingBytes is how much may wait to be sent before jobs that send parts have to wait.
	waitingBytes = 32 << 20
	postTime     = 30 * time.Second
	maxError     = 4000 // of the service, in characters
)

// parcel is one part or one completion on its way.
type parcel struct {
	job        *held
	part       *message.Part
	completion *message.Completion
	bytes      int
	retry      *backOff
	notBefore  time.Time
	alone      bool // it is sent by itself, so that what is wrong with it holds up no other
	replaced   bool // it stands for a result that the service has refused
}

// postman sends parts and completions. Each is sent until the service says what became of it; the parts of a job
// arrive before its completion.
type postman struct {
	queue Queue
	held  *registry
	log   *slog.Logger

	mu      sync.Mutex
	waiting []*parcel
	bytes   int
	came    chan struct{} // holds a token when there is something new
	sent    sync.Cond     // on mu: something has left
	closed  bool
	giveUp  time.Time // when closed
	calling context.Context
	hangUp  context.CancelFunc
}

func newPostman(queue Queue, held *registry, log *slog.Logger) *postman {
	p := &postman{queue: queue, held: held, log: log, came: make(chan struct{}, 1)}
	p.calling, p.hangUp = context.WithCancel(context.Background())
	p.sent.L = &p.mu
	return p
}

// complete sends the end of a job, which is answered from here on.
func (p *postman) complete(h *held, c message.Completion) {
	c.Held = h.key()
	if runes := []rune(c.Error); len(runes) > maxError {
		c.Error = string(runes[:maxError])
	}
	p.held.settle(h)
	p.add(&parcel{job: h, completion: &c, bytes: len(c.Result) + len(c.Error)})
}

// part sends a part of a job's answer. It waits while much is waiting, and returns errGone when the job is not ours
// any more.
func (p *postman) part(h *held, part message.Part) error {
	part.Held = h.key()
	p.mu.Lock()
	for p.bytes > waitingBytes && h.gone() == here && !p.closed {
		p.sent.Wait()
	}
	p.mu.Unlock()
	if h.gone() != here {
		return errGone
	}
	p.add(&parcel{job: h, part: &part, bytes: len(part.Body)})
	return nil
}

// full reports whether so much is waiting that parts have to.
func (p *postman) full() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.bytes > waitingBytes
}

// behind reports whether so many answers are waiting that no more jobs are to be leased.
func (p *postman) behind(most int) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.bytes > waitingBytes || len(p.waiting) >= most
}

func (p *postman) add(c *parcel) {
	c.retry = newBackOff(200*time.Millisecond, 5*time.Second)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.waiting = append(p.waiting, c)
	p.bytes += c.bytes
	signal(p.came)
}

// close ends run when all is sent, or after some time.
func (p *postman) close(after time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed, p.giveUp = true, time.Now().Add(after)
	time.AfterFunc(after, p.hangUp)
	p.sent.Broadcast()
	signal(p.came)
}

// run sends until it is closed.
func (p *postman) run() {
	defer p.hangUp()
	for {
		batch, again, over := p.next(time.Now())
		if over {
			return
		}
		if len(batch) > 0 {
			p.send(batch)
			continue
		}
		var timer <-chan time.Time
		if !again.IsZero() {
			timer = time.After(time.Until(again))
		}
		select {
		case <-p.came:
		case <-timer:
		}
	}
}

// next chooses what to send now, oldest first: a part, or completions. Without any it says when the next is due;
// over is true when there is nothing more to do.
func (p *postman) next(now time.Time) (batch []*parcel, again time.Time, over bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.drop(func(c *parcel) bool { return c.part != nil && c.job.gone() != here })
	if p.closed && (len(p.waiting) == 0 || now.After(p.giveUp)) {
		for _, c := range p.waiting {
			p.log.Error("not sent: the lease will expire", "job_id", c.job.task.Job)
		}
		return nil, again, true
	}
	if p.closed {
		again = p.giveUp
	}
	bytes := 0
	blocked := make(map[*held]bool) // jobs with parts before
	for _, c := range p.waiting {
		first := len(batch) == 0
		switch {
		case blocked[c.job] && c.completion != nil:
			continue
		case c.notBefore.After(now):
			if again.IsZero() || c.notBefore.Before(again) {
				again = c.notBefore
			}
		case first || !c.alone && c.part == nil && len(batch) < postItems && bytes+c.bytes <= postBytes:
			batch = append(batch, c)
			bytes += c.bytes
			if c.alone || c.part != nil {
				return batch, again, false
			}
		}
		blocked[c.job] = blocked[c.job] || c.part != nil
	}
	return batch, again, false
}

// drop takes parcels out. The lock is held.
func (p *postman) drop(which func(*parcel) bool) {
	p.waiting = slices.DeleteFunc(p.waiting, func(c *parcel) bool {
		gone := which(c)
		if gone {
			p.bytes -= c.bytes
		}
		return gone
	})
	p.sent.Broadcast()
}

// send makes one call.
func (p *postman) send(batch []*parcel) {
	ctx, cancel := context.WithTimeout(p.calling, postTime)
	defer cancel()
	verdicts, err := p.call(ctx, batch)
	if err != nil {
		p.log.Warn("sending results failed", "items", len(batch), "err", err)
		p.failed(batch, err)
		return
	}
	p.judge(batch, verdicts)
}

func (p *postman) call(ctx context.Context, batch []*parcel) ([]message.HeldVerdict, error) {
	if part := batch[0].part; part != nil {
		verdict, err := p.queue.PutPart(ctx, *part)
		return []message.HeldVerdict{verdict}, err
	}
	completions := make([]message.Completion, len(batch))
	for i, c := range batch {
		completions[i] = *c.completion
	}
	return p.queue.Complete(ctx, completions)
}

// judge takes out what the service has taken or knows to be stale. What it does not speak of is sent again.
func (p *postman) judge(batch []*parcel, verdicts []message.HeldVerdict) {
	said := make(map[message.Held]message.Verdict, len(verdicts))
	for _, v := range verdicts {
		said[v.Held] = v.Verdict
	}
	var unsaid []*parcel
	done := make(map[*parcel]bool)
	for _, c := range batch {
		switch said[c.job.key()] {
		case message.Accepted:
			done[c] = true
		case message.Stale:
			done[c] = true
			p.held.lose(c.job)
		default:
			unsaid = append(unsaid, c)
			continue
		}
		if c.completion != nil {
			p.held.remove(c.job)
		}
	}
	p.mu.Lock()
	p.drop(func(c *parcel) bool { return done[c] })
	p.mu.Unlock()
	if len(unsaid) > 0 {
		p.log.Warn("the queue's answer does not speak of all results", "items", len(unsaid))
		p.failed(unsaid, nil)
	}
}

// failed sees to parcels that could not be sent: later again, and each by itself; a result that the service refuses
// is replaced by an error that says so.
func (p *postman) failed(batch []*parcel, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	refused := refusal(err)
	for _, c := range batch {
		switch {
		case refused == nil:
			c.notBefore = time.Now().Add(c.retry.next())
			c.alone = c.retry.failures > 1
		case len(batch) > 1:
			c.alone = true
		default:
			p.replace(c, refused)
		}
	}
}

// replace ends a job whose result is refused. The lock is held.
func (p *postman) replace(c *parcel, refused *problem.Problem) {
	h := c.job
	p.drop(func(other *parcel) bool { return other.job == h })
	if c.replaced {
		p.log.Error("the queue refuses a job's error too: the lease will expire", "job_id", h.task.Job, "err", refused)
		h.away.CompareAndSwap(int32(here), int32(expired))
		p.held.remove(h)
		return
	}
	text := []rune("the queue refuses the result: " + refused.Error())
	sorry := &message.Completion{Held: h.key(), Error: string(text[:min(len(text), maxError)])}
	again := &parcel{job: h, completion: sorry, bytes: len(sorry.Error), alone: true, replaced: true}
	again.retry = newBackOff(200*time.Millisecond, 5*time.Second)
	h.away.CompareAndSwap(int32(here), int32(stale)) // nothing more of it is to be computed
	p.held.settle(h)
	p.waiting = append(p.waiting, again)
	p.bytes += again.bytes
}

// refusal is the problem that no repetition mends, or nil.
func refusal(err error) *problem.Problem {
	p, ok := errors.AsType[*problem.Problem](err)
	if !ok {
		return nil
	}
	switch p.Kind() {
	case problem.Malformed, problem.Invalid, problem.TooLarge, problem.Conflict, problem.NotFound, problem.Media:
		return p
	}
	return nil
}
