package relay

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"golang.org/x/sync/errgroup"

	"foliocast/internal/job"
	"foliocast/internal/problem"
	"foliocast/queue/message"
)

// event is something that may happen to a job. It happens only when it can.
type event struct {
	name string
	can  func(moment) bool
	do   func(*life)
}

// events are all that may happen to a job. The first relay sends at once what it takes;
// the second may stall between the two, and then it sends what it took.
var events = []event{
	{"send", moment.hasEntries, func(l *life) { l.first(nil, nil) }},
	{"send, the answer is lost", moment.hasEntries, func(l *life) { l.first(nil, write) }},
	{"send, refused: full", moment.hasEntries, func(l *life) { l.first(refusing(problem.TooMany), nil) }},
	{"send, refused: token", moment.hasEntries, func(l *life) { l.first(refusing(problem.Unauthorized), nil) }},
	{"send, refused: down", moment.hasEntries, func(l *life) { l.first(refusing(problem.Unavailable), nil) }},
	{"the second relay takes", func(m moment) bool { return m.hasEntries() && !m.stalls() }, func(l *life) { l.held = l.take() }},
	{"the second relay sends", moment.stalls, func(l *life) { l.late(nil, nil) }},
	{"the second relay sends, the answer is lost", moment.stalls, func(l *life) { l.late(nil, write) }},
	{"the second relay sends, refused: full", moment.stalls, func(l *life) { l.late(refusing(problem.TooMany), nil) }},
	{"a relay takes and dies", moment.hasEntries, func(l *life) { l.take() }},
	{"a relay sends and dies", moment.hasEntries, (*life).sendAndDie},
	{"PUT", moment.changeable, func(l *life) { l.put(func() {}) }},
	{"PUT, leased meanwhile", func(m moment) bool { return m.changeable() && m.waits() }, func(l *life) { l.put(l.lease) }},
	{"DELETE", moment.changeable, (*life).remove},
	{"lease", moment.waits, (*life).lease},
	{"complete the oldest", func(m moment) bool { return len(m.open()) > 0 }, func(l *life) { l.complete(false) }},
	{"complete the newest", func(m moment) bool { return len(m.open()) > 1 }, func(l *life) { l.complete(true) }},
	{"the attempts are used up", moment.runs, (*life).die},
	{"redrive", func(m moment) bool { return len(m.letters()) > 0 }, func(l *life) { l.world.queue.Redrive(l.letters()[0].Key) }},
	{"retry", func(m moment) bool { return m.DB.Job.State == job.Dead }, func(l *life) { l.must(l.store.Retry(l.Context(), l.id)) }},
	{"collect", moment.hasResults, func(l *life) { l.collect() }},
}

func (m moment) hasEntries() bool { return len(m.DB.Outbox) > 0 }
func (m moment) hasResults() bool { return int(m.DB.Position) < len(m.queue.Feed) }
func (m moment) changeable() bool { return !m.DB.Job.State.Final() }

// stalls reports whether the second relay has taken entries and not sent them yet.
func (m moment) stalls() bool { return len(m.held) > 0 }

// open lists the messages that have not ended, oldest first.
func (m moment) open() []message.Detail {
	return slices.DeleteFunc(slices.Clone(m.queue.Messages), func(d message.Detail) bool { return d.State == message.Ended })
}

// letters lists the messages whose attempts are used up, oldest first.
func (m moment) letters() []message.Detail {
	return slices.DeleteFunc(slices.Clone(m.queue.Messages), func(d message.Detail) bool { return d.Outcome != message.Dead })
}

func (m moment) runs() bool {
	return slices.ContainsFunc(m.open(), func(d message.Detail) bool { return d.State == message.Leased })
}

func (m moment) waits() bool {
	return slices.ContainsFunc(m.open(), func(d message.Detail) bool { return d.State == message.Waiting })
}

// fault compares what is shown with what was promised.
func (m moment) fault() error {
	j := m.DB.Job
	if m.ended != "" && j.State != m.ended {
		return fmt.Errorf("the job is %s, and was %s", j.State, m.ended)
	}
	if j.Spec.Horizon != m.horizon {
		return fmt.Errorf("the job asks for horizon %d, want %d", j.Spec.Horizon, m.horizon)
	}
	if found := m.DB.Answer != nil; found != (j.State == job.Done) {
		return fmt.Errorf("a job that is %s has a result: %v", j.State, found)
	}
	if m.DB.Answer == nil {
		return nil
	}
	if got := int(m.DB.Answer.Overall.Mean[0]); got != m.horizon {
		return fmt.Errorf("the answer is of horizon %d, want %d", got, m.horizon)
	}
	return nil
}

// atTheEnd compares the end of a job with what was promised.
func (m moment) atTheEnd() error {
	j := m.DB.Job
	want := job.Cancelled
	if at := slices.IndexFunc(m.queue.Messages, func(d message.Detail) bool { return d.Key == m.key() }); at >= 0 {
		switch m.queue.Messages[at].Outcome {
		case message.Completed:
			want = job.Done
		case message.Dead:
			want = job.Dead
		}
	}
	switch {
	case j.State != want:
		return fmt.Errorf("the job ends as %s, and its last run as %s", j.State, want)
	case want == job.Cancelled && !m.deleted:
		return fmt.Errorf("the job is cancelled, and nobody wanted that")
	}
	return nil
}

// equivalent is all that determines what may happen from now on, in one line. Runs and
// specifications are counted backwards from the present ones, and runs that nobody will
// mention again are left out. What an earlier run asks for or has answered is nobody's
// concern any more.
func (m moment) equivalent() string {
	var b strings.Builder
	j := m.DB.Job
	fmt.Fprintf(&b, "%s cancelling %v deleted %v", j.State, j.Cancelling, m.deleted)
	back := m.runsBack()
	older := func(run, horizon int) int {
		if run < j.Run {
			return 0
		}
		return m.horizon - horizon
	}
	for _, e := range m.DB.Outbox {
		sent := "no"
		switch {
		case e.MaybeSent:
			sent = "perhaps" // for ever, by either relay
		case e.TakenAt != nil && m.stalls() && e.TakenAt.Equal(m.held[0].Taken()):
			sent = "by the second relay"
		case e.TakenAt != nil:
			sent = "by another"
		}
		fmt.Fprintf(&b, "; %s %d sent %s", e.Action, back[e.Run], sent)
	}
	for _, e := range m.held {
		fmt.Fprintf(&b, "; holds %s %d older %d", e.Action, back[e.Run], older(e.Run, e.Job.Spec.Horizon))
	}
	for _, d := range m.queue.Messages {
		run := runOf(d.Key)
		if _, mentioned := back[run]; !mentioned {
			continue
		}
		outcome := d.Outcome
		if run < j.Run && outcome != message.Dead { // which may be redriven
			outcome = ""
		}
		fmt.Fprintf(&b, "; message %d %s %s older %d cancel %v", back[run], d.State, outcome, older(run, asks(d)), d.CancelRequested)
	}
	for _, r := range m.queue.Feed[m.DB.Position:] {
		if run := runOf(r.Key); run < j.Run && r.Outcome == message.Redriven {
			fmt.Fprintf(&b, "; redriven %d", back[run])
		} else if run == j.Run {
			fmt.Fprintf(&b, "; result %s older %d", r.Outcome, m.horizon-answers(r))
		}
	}
	return b.String()
}

// runsBack numbers the runs that somebody may mention again, backwards from the present
// one, which is 0.
func (m moment) runsBack() map[int]int {
	runs := []int{m.DB.Job.Run}
	for _, e := range m.DB.Outbox {
		runs = append(runs, e.Run)
	}
	for _, e := range m.held {
		runs = append(runs, e.Run)
	}
	for _, d := range append(m.open(), m.letters()...) {
		runs = append(runs, runOf(d.Key))
	}
	for _, r := range m.queue.Feed[m.DB.Position:] {
		if r.Outcome == message.Redriven {
			runs = append(runs, runOf(r.Key))
		}
	}
	slices.Sort(runs)
	runs = slices.Compact(runs)
	back := map[int]int{}
	for i, run := range runs {
		back[run] = len(runs) - 1 - i
	}
	return back
}

// longestLife returns the number of events that are tried in a job's life: five, or
// FOLIOCAST_LIFE_EVENTS, as make fuzz sets it.
func longestLife(t *testing.T) int {
	text := os.Getenv("FOLIOCAST_LIFE_EVENTS")
	if text == "" {
		return 5
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestEveryLifeOfAJob goes through all orders of a few events in the life of a job
// under two relays. Whatever is lost, refused, late or dies: the answer on record is
// that of the specification that is shown, a cancelled job has no result and is not
// computed, and every job ends. Orders that lead to the same state are continued once.
func TestEveryLifeOfAJob(t *testing.T) {
	t.Parallel()
	var worlds []*world
	for range 4 {
		w := newWorld(t)
		w.relay.patience = 0
		worlds = append(worlds, w)
	}
	var mu sync.Mutex
	var ends settled
	seen := map[string]bool{}
	first := born(worlds[0])
	level := []moment{first, dead(worlds[0], first)}
	for depth := range longestLife(t) {
		tasks := make(chan moment, len(level))
		for _, m := range level {
			tasks <- m
		}
		close(tasks)
		var next []moment
		tried := 0
		var group errgroup.Group
		for _, w := range worlds {
			group.Go(func() error {
				for m := range tasks {
					for _, e := range events {
						if !e.can(m) {
							continue
						}
						after := m.then(w, e)
						state := after.equivalent()
						mu.Lock()
						tried++
						again := seen[state]
						seen[state] = true
						if !again {
							next = append(next, after)
						}
						mu.Unlock()
						err := after.fault()
						if err == nil && !again {
							err = after.settle(w, &ends)
						}
						if err != nil {
							return fmt.Errorf("%w, after %s", err, strings.Join(after.past, "; "))
						}
					}
				}
				return nil
			})
		}
		if err := group.Wait(); err != nil {
			t.Fatal(err)
		}
		t.Logf("%d events: %d orders tried, %d new states", depth+1, tried, len(next))
		level = next
	}
}
