package history

import (
	"cmp"
	"slices"
)

// grant is a lease that was given.
type grant struct {
	Item
	begin, end int64
	request    string // the name of the request, which may be repeated
}

// grants returns the leases of each message in the order in which the queue answered.
func (c *checker) grants() map[string][]grant {
	all := map[string][]grant{}
	for e := range c.each(Wire) {
		if e.Op != Lease {
			continue
		}
		for _, item := range e.Items {
			all[item.ID] = append(all[item.ID], grant{item, e.Begin, e.End, e.Client + " " + e.Key})
		}
	}
	for _, g := range all {
		slices.SortFunc(g, func(a, b grant) int { return cmp.Compare(a.end, b.end) })
	}
	return all
}

// leases checks the tokens: each lease of a message has a greater one than those before
// it, no two have the same, and once the queue has given a greater token it accepts no
// completion, heartbeat or release under a smaller one.
func (c *checker) leases() {
	all := c.grants()
	for id, gs := range all {
		for i, g := range gs {
			for _, later := range gs[i+1:] {
				switch {
				case g.request == later.request && g.Token == later.Token:
				case g.Token == later.Token:
					c.violate("message %s was leased twice under token %d", id, g.Token)
				case g.end < later.begin && later.Token < g.Token:
					c.violate("the token of message %s went back from %d to %d", id, g.Token, later.Token)
				}
			}
		}
	}
	for e := range c.each(Wire) {
		if !slices.Contains([]Op{Complete, Beat, Release}, e.Op) {
			continue
		}
		for _, item := range e.Items {
			if item.Verdict == "stale" || item.Verdict == "" {
				continue
			}
			known := false
			for _, g := range all[item.ID] {
				known = known || g.Token == item.Token
				if g.Token > item.Token && g.end < e.Begin {
					c.violate("the queue answered %q to %s of message %s under token %d, after it had given token %d",
						item.Verdict, e.Op, item.ID, item.Token, g.Token)
				}
			}
			if !known {
				c.violate("the queue answered %q to %s of message %s under token %d, which it never gave", item.Verdict, e.Op, item.ID, item.Token)
			}
		}
	}
}

// order checks that the messages of each answer with leases that come from one queue and
// have one priority are in the order of their upload, where that is certain: the upload of
// one was answered before that of the other began, or both were in the same upload.
// Between two answers no order can be seen: a claim passes over a message that another
// request has locked at that moment.
func (c *checker) order() {
	sent := map[string]int64{} // when the first request with a key began, in whatever order requests ended
	for e := range c.each(Wire) {
		if e.Op != Enqueue {
			continue
		}
		for _, item := range e.Items {
			if first, again := sent[item.Key]; !again || e.Begin < first {
				sent[item.Key] = e.Begin
			}
		}
	}
	enqueued := map[string]place{}
	for e := range c.each(Wire) {
		if e.Op != Enqueue || e.Status/100 != 2 {
			continue
		}
		for i, item := range e.Items {
			if item.Duplicate && sent[item.Key] == e.Begin {
				c.violate("message %s with the key %s was a duplicate when it was first sent", item.ID, item.Key)
			}
			if known, again := enqueued[item.ID]; !again || e.End < known.end {
				enqueued[item.ID] = place{sent[item.Key], e.End, i, item.Priority}
			}
		}
	}
	for e := range c.each(Wire) {
		if e.Op != Lease {
			continue
		}
		for i, later := range e.Items {
			for _, earlier := range e.Items[:i] {
				a, known := enqueued[earlier.ID]
				b, both := enqueued[later.ID]
				if known && both && earlier.Queue == later.Queue && a.priority == b.priority && b.before(a) {
					c.violate("the lease answered at %d has message %s before %s of the same queue and priority, which was uploaded earlier", e.End, earlier.ID, later.ID)
				}
			}
		}
	}
}

// place is when a message was uploaded, where in its upload, and with which priority: between the
// first request, whose answer may have been lost, and the first answer.
type place struct {
	begin, end int64
	index      int
	priority   int
}

// before reports whether a message was certainly uploaded before another.
func (p place) before(q place) bool {
	if p.begin == q.begin && p.end == q.end {
		return p.index < q.index
	}
	return p.end < q.begin
}
