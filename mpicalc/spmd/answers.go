package spmd

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"
	"time"

	"foliocast/mpicalc/forecast"
)

// arrival is a message that rank 0 is receiving.
type arrival struct {
	transfer
	from int
}

// pump takes what has arrived from the ranks and from rank 0's own threads. Where that is nothing, and wait is set, it waits for
// a while.
func (l *Leader) pump(wait bool) error {
	for {
		moved, err := l.look()
		if err == nil {
			err = l.lost(time.Now())
		}
		if err != nil || moved || !wait {
			return err
		}
		var wake <-chan struct{}
		if l.own.held() > 0 {
			wake = l.own.wake
		}
		most := slice
		if len(l.arriving) > 0 {
			most = soon
		}
		if err := l.comm.Await(wake, most); err != nil {
			return fmt.Errorf("await the ranks: %w", err)
		}
		wait = false
	}
}

// look takes what has arrived, without waiting, and reports whether that was anything.
func (l *Leader) look() (moved bool, err error) {
	for {
		from, size, found, err := l.comm.Iprobe()
		if err != nil {
			return moved, fmt.Errorf("look for messages: %w", err)
		}
		if !found {
			break
		}
		moved = true
		buf := l.buffers.bytes(size)
		request, err := l.comm.Irecv(buf, from)
		if err != nil {
			return moved, fmt.Errorf("receive from rank %d: %w", from, err)
		}
		l.arriving = append(l.arriving, arrival{transfer{buf: buf, request: request}, from})
		if err := l.takeArrived(); err != nil {
			return moved, err
		}
	}
	before := len(l.arriving)
	if err := l.takeArrived(); err != nil {
		return moved, err
	}
	for _, b := range l.own.finished() {
		moved = true
		if err := l.answered(0, appendAnswer(l.buffers.bytes(0), b, len(l.own.threads))); err != nil {
			return moved, err
		}
	}
	return moved || len(l.arriving) < before, nil
}

// takeArrived handles the messages that have arrived whole.
func (l *Leader) takeArrived() error {
	for i := 0; i < len(l.arriving); {
		a := &l.arriving[i]
		done, err := a.test()
		if err != nil {
			return fmt.Errorf("receive from rank %d: %w", a.from, err)
		}
		if !done {
			i++
			continue
		}
		from, buf := a.from, a.buf
		l.arriving = slices.Delete(l.arriving, i, i+1)
		if err := l.handle(from, buf); err != nil {
			return fmt.Errorf("rank %d: %w", from, err)
		}
	}
	return nil
}

// handle does what a message from a rank says.
func (l *Leader) handle(from int, message []byte) error {
	if len(message) == 0 {
		return errMalformed
	}
	switch message[0] {
	case messageAnswer:
		return l.answered(from, message)
	case messageVote:
		l.peers[from].votes--
		l.peers[from].since = time.Now()
		return l.files.vote(from, message[1:])
	case messageHello:
		in := reader{rest: message[1:]}
		p := &l.peers[from]
		p.capacity = float64(in.number(maxCount))
		p.host = string(in.rest)
		if in.failed || p.capacity < 1 {
			return errMalformed
		}
		return nil
	}
	return errMalformed
}

// answered takes the answers to a chunk.
func (l *Leader) answered(from int, message []byte) error {
	begin := time.Now()
	in := reader{rest: message[1:]}
	number := in.number(maxCount)
	c := l.chunks[number]
	if c == nil || c.rank != from {
		return errMalformed
	}
	delete(l.chunks, number)
	p := &l.peers[from]
	p.chunks--
	p.since = begin
	l.report.parse(&in)
	l.activities.taken(from, c.computed, l.report.touched+l.report.fitted)
	c.answer = message
	if err := l.cut(c, &in); err != nil {
		return err
	}
	l.learn(c)
	if err := l.handBack(c); err != nil {
		return err
	}
	c.eachActive(func(a *active) {
		a.ranks[from].add(&l.report, begin)
		a.ranks[from].Cores += time.Duration(c.share(a) * p.capacity * float64(l.report.touched+l.report.fitted))
		if a.arrived.IsZero() {
			a.arrived = begin
		}
		a.gather += time.Since(begin).Seconds()
		if from == 0 {
			a.own--
		}
		l.settle(a)
	})
	l.forget(c, 0)
	return nil
}

// add adds a chunk that the rank answered at a time.
func (t *RankTime) add(r *report, at time.Time) {
	if begin := at.Add(-r.begun); t.Chunks == 0 || begin.Before(t.Begin) {
		t.Begin = begin
	}
	if end := at.Add(-r.ended); t.Chunks == 0 || end.After(t.End) {
		t.End = end
	}
	t.Load += r.touched
	t.Fit += r.fitted
	t.Chunks++
}

// handBack takes back the memory that the rank no longer needs.
func (l *Leader) handBack(c *chunk) error {
	if c.batch != nil {
		l.buffers.keepBatch(c.batch)
		c.batch = nil
		return nil
	}
	if err := l.awaitSent(&c.send, c.rank); err != nil { // the rank has received it, so that this ends at once
		return err
	}
	l.buffers.keepBytes(c.send.buf)
	c.send = transfer{}
	return nil
}

// cut finds the answer to each pick of a chunk.
func (l *Leader) cut(c *chunk, in *reader) error {
	for i := range c.picks {
		p := &c.picks[i]
		if p.known {
			continue
		}
		size := in.bytes(sizeBytes)
		if size == nil {
			return errMalformed
		}
		if p.answer = in.bytes(int(binary.LittleEndian.Uint32(size))); p.answer == nil {
			return errMalformed
		}
		if p.lookup != nil {
			p.lookup.answer = bytes.Clone(p.answer)
			l.cache.keep(p.lookup.key, p.lookup.answer)
			delete(l.asked, p.lookup.key)
		}
	}
	return in.end()
}

// learn compares the times of the runs of a chunk with their estimates.
func (l *Leader) learn(c *chunk) {
	next := 0
	pass := func() *pick {
		for next < len(c.picks) && c.picks[next].known {
			next++
		}
		if next == len(c.picks) {
			return nil
		}
		next++
		return &c.picks[next-1]
	}
	for _, r := range l.report.runs {
		guess := 0.0
		var k *kind
		for range r.series {
			p := pass()
			if p == nil {
				return
			}
			k = p.kind
			guess += k.guess(&p.series.Series)
		}
		if k != nil {
			k.learn(guess, float64(r.took))
		}
	}
}

// deliver gives the answers that have come to their workloads, to each in order. A workload whose Take returns an error ends with
// it.
func (l *Leader) deliver() error {
	for i := 0; i < len(l.active); {
		a := l.active[i]
		if err := l.deliverTo(a); err != nil {
			return err
		}
		if i < len(l.active) && l.active[i] == a {
			i++
		}
	}
	return nil
}

func (l *Leader) deliverTo(a *active) error {
	p := a.waiting.first()
	if p == nil || p.come() == nil {
		return nil
	}
	begin := time.Now()
	for ; p != nil && p.come() != nil; p = a.waiting.first() {
		in := reader{rest: p.come()}
		result, fault, err := l.decoder.next(&in, p.series.Options)
		if err != nil {
			return err
		}
		if texts, ok := a.workload.(TextWorkload); ok {
			texts.TakeText(in.rest)
		}
		if err := take(a, p.index, result, fault); err != nil {
			l.end(a, err)
			break
		}
		a.waiting.pop()
		l.release(p)
	}
	a.gather += time.Since(begin).Seconds()
	if !a.over && a.next == a.workload.Len() && a.waiting.first() == nil {
		l.end(a, nil)
	}
	if a.over {
		l.abandon(a)
	}
	return nil
}

func take(a *active, i int, r *forecast.Result, fault *SeriesError) error {
	if fault != nil {
		return a.workload.Take(i, nil, fault)
	}
	return a.workload.Take(i, r, nil)
}

// release forgets a pick whose answer has been taken, or will not be.
func (l *Leader) release(p *pick) {
	l.reserved -= p.bytes
	l.forget(p.chunk, 1)
}

// abandon releases the picks of a workload that is over.
func (l *Leader) abandon(a *active) {
	for p := a.waiting.first(); p != nil; p = a.waiting.first() {
		a.waiting.pop()
		l.release(p)
	}
}

// forget counts down the picks of c that are needed, and keeps the memory of c for another once the rank has answered, too.
func (l *Leader) forget(c *chunk, picks int) {
	c.left -= picks
	if c.left > 0 || l.chunks[c.number] == c {
		return
	}
	l.buffers.keepChunk(c)
}
