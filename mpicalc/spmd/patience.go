package spmd

import (
	"fmt"
	"time"
)

// HungError says that a rank does not answer: the world must be ended.
type HungError struct {
	Rank  int
	Host  string
	After time.Duration
}

// Error is a sentence.
func (e *HungError) Error() string {
	return fmt.Sprintf("rank %d on %s has not answered for %v: it hangs, or its machine or file system does", e.Rank, e.Host, e.After)
}

// patience is how long the leader waits for a rank, which a hang of its machine or of its file system would make for ever.
type patience struct {
	limit time.Duration // 0 for ever
	seen  time.Time     // the last look
	spare time.Time     // time before it does not count
}

// SetPatience makes calls fail with a *HungError when a rank has not answered for so long, with a chunk or to Map; 0, as in the
// beginning, lets them wait for ever. It must be more than the longest fit of one series takes. Time in which the leader did not
// look, because it was suspended itself or a workload took its time to take an answer, does not count.
func (l *Leader) SetPatience(limit time.Duration) { l.patience = patience{limit: limit} }

// looksWithin is how often at least the leader looks within its patience, while it waits.
const looksWithin = 16

// lost returns a *HungError for the first rank from which something has been awaited for too long.
func (l *Leader) lost(now time.Time) error {
	p := &l.patience
	if p.limit == 0 || now.Sub(p.seen) < p.limit/looksWithin {
		return nil
	}
	if now.Sub(p.seen) > p.limit/4 {
		p.spare = now
	}
	p.seen = now
	for r := range l.peers {
		peer := &l.peers[r]
		if peer.chunks+peer.votes > 0 && now.Sub(peer.since) > p.limit && now.Sub(p.spare) > p.limit {
			return &HungError{Rank: r, Host: peer.host, After: p.limit}
		}
	}
	return nil
}

// await says that something is awaited from a rank from now on.
func (l *Leader) await(p *peer) *peer {
	if p.chunks+p.votes == 0 {
		p.since = time.Now()
	}
	return p
}

// awaitSent waits until a message has left.
func (l *Leader) awaitSent(t *transfer, to int) error {
	for begin := time.Now(); ; {
		done, err := t.test()
		if done || err != nil {
			return err
		}
		if limit := l.patience.limit; limit > 0 && time.Since(begin) > limit {
			return &HungError{Rank: to, Host: l.peers[to].host, After: limit}
		}
	}
}
