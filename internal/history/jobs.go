package history

import (
	"slices"
	"strings"
)

// ended are the states in which a job stays until somebody retries it, or redrives its message.
func ended(state string) bool {
	return slices.Contains([]string{"done", "partial", "failed", "dead", "cancelled"}, state)
}

// life is what clients know of a job. One client after another acts on it, so its calls
// are in order.
type life struct {
	id         string
	calls      []Event
	finals     []Event
	candidates []string // the specifications that it may have
	known      string   // its final state, once a call has seen one
	retried    bool     // since then, perhaps
	cancelled  bool     // a client has tried to, perhaps, since the last retry
	redriven   int      // how often its messages were, beyond the changes that this explains
}

// jobs checks that each accepted job exists and has ended once, in a state that its
// client's calls explain, with the answer of its specification or none.
func (c *checker) jobs() {
	lives := map[string]*life{}
	var order []string
	at := func(id string) *life {
		if lives[id] == nil {
			lives[id] = &life{id: id}
			order = append(order, id)
		}
		return lives[id]
	}
	byKey, keyOf := map[string]string{}, map[string]string{}
	for _, e := range c.events {
		switch {
		case e.Kind == Final:
			l := at(e.Job)
			l.finals = append(l.finals, e)
		case e.Kind == Feed && e.Outcome == redriven:
			at(jobOf(e.Key)).redriven++
		case e.Kind != Call || e.Op == Get && e.Job == "":
		case e.Op != Submit:
			at(e.Job).calls = append(at(e.Job).calls, e)
		case e.Status/100 == 2:
			if other, known := byKey[e.Key]; known && other != e.Job {
				c.violate("the key %s gave the jobs %s and %s", e.Key, other, e.Job)
			}
			if other, known := keyOf[e.Job]; known && other != e.Key {
				c.violate("the keys %s and %s gave the job %s", other, e.Key, e.Job)
			}
			byKey[e.Key], keyOf[e.Job] = e.Job, e.Key
			at(e.Job).calls = append(at(e.Job).calls, e)
		}
	}
	for e := range c.each(Call) {
		if e.Op == Submit && byKey[e.Key] == "" {
			c.violate("the submission with the key %s was never accepted: %d %s", e.Key, e.Status, e.Detail)
			byKey[e.Key] = "reported"
		}
	}
	for _, id := range order {
		c.life(lives[id])
	}
}

func (c *checker) life(l *life) {
	if len(l.calls) == 0 || l.calls[0].Op != Submit {
		c.violate("job %s exists, and nobody submitted it", l.id)
		return
	}
	for _, e := range l.calls {
		l.apply(c, e)
	}
	if len(l.finals) != 1 {
		c.violate("job %s is listed %d times", l.id, len(l.finals))
		return
	}
	final := l.finals[0]
	l.see(c, final.State, final.Begin)
	if !slices.Contains(l.candidates, final.Spec) {
		c.violate("job %s has the specification %s, which is not the last accepted one", l.id, final.Spec)
	}
	switch want, known := c.expected[final.Spec]; {
	case final.State == "cancelled":
		if final.Numbers != "" {
			c.violate("job %s is cancelled and has a result", l.id)
		}
		if !l.cancelled {
			c.violate("job %s is cancelled, and nobody cancelled it after its last retry", l.id)
		}
	case final.State != "done":
		c.violate("job %s ended as %q: %s", l.id, final.State, final.Detail)
	case !known:
		c.violate("nobody computed what job %s should give", l.id)
	case final.Numbers != want:
		c.violate("job %s has another result than mpicalc run gives for its specification", l.id)
	}
}

// apply takes one call into account.
func (l *life) apply(c *checker, e Event) {
	accepted, unknown := e.Status/100 == 2, e.Status == 0
	switch {
	case e.Op == Submit && len(l.candidates) == 0:
		l.candidates = []string{e.Spec}
	case e.Op == Replace && accepted:
		l.candidates = []string{e.Spec}
	case e.Op == Replace && (unknown || e.Status >= 500):
		l.candidates = append(l.candidates, e.Spec)
	case e.Op == Cancel && (accepted || unknown || e.Status >= 500):
		l.cancelled = true
	case e.Op == Retry && accepted:
		l.known, l.retried, l.cancelled = "", false, false
	case e.Op == Retry && (unknown || e.Status >= 500):
		l.retried = true
	}
	if accepted && e.Op != Retry && !(e.Op == Submit && e.State == "") {
		l.see(c, e.State, e.Begin)
	}
}

// see notes that the job had a state: once it has ended, only a retry or a redrive changes it.
func (l *life) see(c *checker, state string, at int64) {
	if l.known != "" && state != l.known && !l.retried {
		if l.redriven > 0 && l.known != "done" && l.known != "partial" {
			l.redriven--
			l.known = ""
		} else {
			c.violate("job %s had ended as %s, and at %d it is %s", l.id, l.known, at, state)
		}
	}
	if ended(state) {
		l.retried = l.retried && state == l.known
		l.known = state
	}
}

// jobOf returns the job of a message's key: the part before the number of the run.
func jobOf(key string) string {
	id, _, _ := strings.Cut(key, "#")
	return id
}
