package history

import (
	"slices"
	"strconv"
	"strings"
)

// redriven is the outcome of a message in the feed that had ended and waits again.
const redriven = "redriven"

// feed checks that the feed has no gap and nothing twice, that each result in it is the
// one that the lease that won had sent, that what ended badly was redriven and ended again, and
// that each done job has the last of its own.
func (c *checker) feed() {
	last := map[string]Event{}  // result of a job's latest run
	ends := map[string]string{} // by key: the outcome, or redriven
	var bad []Event             // ended badly, unless they were redriven
	sent := map[string][]Item{} // by message: the completions that may have won
	tokens := map[string]int64{}
	for e := range c.each(Wire) {
		for _, item := range e.Items {
			switch {
			case e.Op == Complete && !item.Failed && (item.Verdict == "accepted" || item.Verdict == ""):
				sent[item.ID] = append(sent[item.ID], item)
			case e.Op == Lease:
				tokens[item.ID] = max(tokens[item.ID], item.Token)
			}
		}
	}
	at, epoch := int64(0), ""
	for e := range c.each(Feed) {
		if e.Position != at+1 {
			c.violate("the feed goes from position %d to %d", at, e.Position)
		}
		if e.Gap {
			c.violate("the feed says that results before position %d are missing", e.Position)
		}
		if epoch != "" && e.Epoch != epoch {
			c.violate("the feed changed its epoch at position %d", e.Position)
		}
		at, epoch = e.Position, e.Epoch
		before := ends[e.Key]
		ends[e.Key] = e.Outcome
		if e.Outcome == redriven {
			switch before {
			case redriven:
				c.violate("the feed has the redrive of %s twice", e.Key)
			case "", "completed":
				c.violate("message %s is redriven at position %d, and had not ended badly", e.Key, e.Position)
			}
			bad = slices.DeleteFunc(bad, func(b Event) bool { return b.Key == e.Key })
			continue
		}
		if before != "" && before != redriven {
			c.violate("the feed has %s twice", e.Key)
		}
		id := jobOf(e.Key)
		if run(e.Key) > run(last[id].Key) || last[id].Key == "" || before == redriven && e.Key == last[id].Key {
			last[id] = e
		}
		if e.Outcome == "completed" {
			c.won(e, sent[e.ID], tokens[e.ID])
		} else if e.Numbers != "" {
			c.violate("message %s ended as %s and has a result", e.Key, e.Outcome)
		} else if e.Outcome != "cancelled" {
			bad = append(bad, e)
		}
	}
	for _, e := range bad {
		c.violate("message %s ended as %q: %s", e.Key, e.Outcome, e.Detail)
	}
	for key, outcome := range ends {
		if outcome == redriven {
			c.violate("message %s was redriven and has not ended again", key)
		}
	}
	finals := map[string]bool{}
	for e := range c.each(Final) {
		finals[e.Job] = true
		r := last[e.Job]
		if e.State == "done" && (r.Outcome != "completed" || r.Numbers != e.Numbers) {
			c.violate("job %s is done, and the feed has another result of its last run", e.Job)
		}
	}
	for id := range last {
		if !finals[id] {
			c.violate("the feed has a result of job %s, which is not listed", id)
		}
	}
}

// won checks that a result is what the holder of the greatest token has sent.
func (c *checker) won(e Event, sent []Item, greatest int64) {
	for _, item := range sent {
		if item.Token == greatest && item.Numbers == e.Numbers {
			return
		}
	}
	c.violate("the result of message %s at position %d is not the one that the holder of its last lease, with token %d, has sent", e.Key, e.Position, greatest)
}

// run returns the number of the run in a message's key.
func run(key string) int {
	_, number, again := strings.Cut(key, "#")
	if n, err := strconv.Atoi(number); again && err == nil {
		return n
	}
	return 1
}
