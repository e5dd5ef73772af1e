package history

import (
	"fmt"
	"strings"
)

// Check returns every violation in a history, as a sentence each. See docs/chaos.md
// for the rules.
func Check(events []Event) []string {
	c := &checker{events: events, expected: map[string]string{}}
	c.whole()
	c.answers()
	c.jobs()
	c.walks()
	c.feed()
	c.leases()
	c.order()
	c.trails()
	c.faults()
	return c.violations
}

type checker struct {
	events     []Event
	violations []string
	expected   map[string]string // numbers by specification
}

func (c *checker) violate(format string, args ...any) {
	c.violations = append(c.violations, fmt.Sprintf(format, args...))
}

// each yields the events of a kind.
func (c *checker) each(kind Kind) func(yield func(Event) bool) {
	return func(yield func(Event) bool) {
		for _, e := range c.events {
			if e.Kind == kind && !yield(e) {
				return
			}
		}
	}
}

// whole checks that the history has its first and its last line and all between.
func (c *checker) whole() {
	n := len(c.events)
	if n < 2 || c.events[0].Kind != Begin || c.events[n-1].Kind != End || c.events[n-1].Lines != n-1 {
		c.violate("the history is not whole: %d lines", n)
	}
	for e := range c.each(Expected) {
		if _, again := c.expected[e.Spec]; again || e.Numbers == "" {
			c.violate("the expected answer of %s is not one", e.Spec)
		}
		c.expected[e.Spec] = e.Numbers
	}
}

// answers checks that no client was answered 5xx other than 503 with Retry-After.
func (c *checker) answers() {
	for e := range c.each(Call) {
		if e.Status >= 500 && (e.Status != 503 || !e.RetryAfter) {
			c.violate("%s was answered %d at %d: %s", strings.TrimSpace(string(e.Op)+" "+e.Job), e.Status, e.End, e.Detail)
		}
	}
}

// walks checks that a list has each job that was accepted before it was read, once.
func (c *checker) walks() {
	accepted := map[string]int64{}
	for e := range c.each(Call) {
		if e.Op == Submit && e.Status/100 == 2 {
			if _, known := accepted[e.Job]; !known {
				accepted[e.Job] = e.End
			}
		}
	}
	n := 0
	for e := range c.each(Walk) {
		n++
		count := map[string]int{}
		for _, id := range e.Jobs {
			if count[id]++; count[id] == 2 {
				c.violate("the list read at %d has job %s twice", e.Begin, id)
			}
		}
		for id, at := range accepted {
			if at < e.Begin && count[id] == 0 {
				c.violate("the list read at %d lacks job %s, accepted at %d", e.Begin, id, at)
			}
		}
	}
	if n == 0 {
		c.violate("nobody has read the list of jobs")
	}
}

// trails checks the audit trails: the creation of each job is in it once, and positions
// grow.
func (c *checker) trails() {
	last := map[string]int64{}
	created := map[string]int{}
	for e := range c.each(Audit) {
		if e.Position <= last[e.Service] {
			c.violate("the audit trail of %s goes from position %d to %d", e.Service, last[e.Service], e.Position)
		}
		last[e.Service] = e.Position
		if e.Action == "create-job" && e.Outcome == "done" {
			created[e.Job]++
		}
	}
	for e := range c.each(Final) {
		if created[e.Job] != 1 {
			c.violate("the audit trail has the creation of job %s %d times", e.Job, created[e.Job])
		}
		delete(created, e.Job)
	}
	for id := range created {
		c.violate("the audit trail has the creation of job %s, which does not exist", id)
	}
}

// maxRecovery is how long, in microseconds, a job may take that is submitted when a fault
// ends.
const maxRecovery = 35_000_000

// faults checks that each fault was over in time.
func (c *checker) faults() {
	for e := range c.each(Fault) {
		if e.Recovered <= 0 || e.Recovered > maxRecovery {
			c.violate("the fault %s at %d was over after %.1f s", e.Fault, e.Begin, float64(e.Recovered)/1e6)
		}
	}
}
