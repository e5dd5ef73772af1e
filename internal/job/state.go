package job

import "slices"

// State is where a job stands.
type State string

// The states of a job. Queued and Running are in flight, the others final.
const (
	Queued    State = "queued"
	Running   State = "running"
	Done      State = "done"
	Partial   State = "partial"   // done, but at least one asset has an error
	Failed    State = "failed"    // the job cannot succeed: its error says why
	Cancelled State = "cancelled" // at the client's request
	Dead      State = "dead"      // its attempts are used up
)

// transition is a state and the states that may follow it.
type transition struct {
	from State
	to   []State
}

// transitions is the only place that says which state may follow which, one row
// for each state. Running falls back to queued when a lease ends without a
// result. A job may end while it still counts as queued, because the queue
// reports only the end. A retry brings back what failed, died or was cancelled, and
// so does the redrive of its message by an operator of the queue.
//
// A dead job may also end again at once, in whatever way: when the news of the
// redrive were deleted before they were read.
func transitions() []transition {
	return []transition{
		{Queued, []State{Running, Done, Partial, Failed, Cancelled, Dead}},
		{Running, []State{Queued, Done, Partial, Failed, Cancelled, Dead}},
		{Done, nil},
		{Partial, nil},
		{Failed, []State{Queued}},
		{Cancelled, []State{Queued}},
		{Dead, []State{Queued, Done, Partial, Failed, Cancelled, Dead}},
	}
}

// States lists all states, in the order of the constants.
func States() []State {
	var all []State
	for _, t := range transitions() {
		all = append(all, t.from)
	}
	return all
}

// InFlight lists the states that are not final: the job waits or runs.
func InFlight() []State {
	return slices.DeleteFunc(States(), State.Final)
}

// Ended lists the states that are final.
func Ended() []State {
	return slices.DeleteFunc(States(), func(s State) bool { return !s.Final() })
}

// Before lists the states that next may follow. A statement that moves jobs to
// next updates the rows in one of these, and no others.
func Before(next State) []State {
	return slices.DeleteFunc(States(), func(s State) bool { return !s.CanBecome(next) })
}

// Transitions lists the allowed transitions as two columns: to[i] may follow
// from[i]. A statement that moves many jobs, each to a state of its own, looks
// its pairs up in them.
func Transitions() (from, to []State) {
	for _, t := range transitions() {
		for _, next := range t.to {
			from, to = append(from, t.from), append(to, next)
		}
	}
	return from, to
}

// CanBecome reports whether next may follow s.
func (s State) CanBecome(next State) bool {
	for _, t := range transitions() {
		if t.from == s {
			return slices.Contains(t.to, next)
		}
	}
	return false
}

// Valid reports whether s is one of the states.
func (s State) Valid() bool { return slices.Contains(States(), s) }

// Final reports whether the job has ended in s: nothing more happens unless it
// is retried or redriven.
func (s State) Final() bool { return s.Valid() && s != Queued && s != Running }

// CanEnd reports whether a final state may follow s: the job is in flight, or
// dead and perhaps redriven unnoticed.
func (s State) CanEnd() bool {
	return slices.ContainsFunc(States(), func(next State) bool { return next.Final() && s.CanBecome(next) })
}

// Retryable reports whether a retry or a redrive may bring s back to queued.
func (s State) Retryable() bool { return s.Final() && s.CanBecome(Queued) }
