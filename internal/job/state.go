package job

// State is where a job stands.
type State string

// The states of a job. Queued and Running are in flight, the rest are final.
const (
	Queued    State = "queued"
	Running   State = "running"
	Done      State = "done"
	Partial   State = "partial"   // done, but at least one asset has an error
	Failed    State = "failed"    // the job cannot succeed: its error says why
	Cancelled State = "cancelled" // on the client's demand
	Dead      State = "dead"      // its attempts are used up
)

// transitions is the whole truth about which state may follow which. Running
// falls back to queued when a lease ends without a result; a job that ended
// badly goes back to queued only by an explicit retry.
var transitions = map[State][]State{
	Queued:    {Running, Done, Partial, Failed, Cancelled, Dead},
	Running:   {Queued, Done, Partial, Failed, Cancelled, Dead},
	Failed:    {Queued},
	Cancelled: {Queued},
	Dead:      {Queued},
	Done:      nil,
	Partial:   nil,
}

// CanBecome reports whether next may follow s.
func (s State) CanBecome(next State) bool {
	for _, t := range transitions[s] {
		if t == next {
			return true
		}
	}
	return false
}

// Valid reports whether s is one of the states.
func (s State) Valid() bool {
	_, ok := transitions[s]
	return ok
}

// Final reports whether no work is under way or to come for s, short of a retry.
func (s State) Final() bool { return s.Valid() && s != Queued && s != Running }

// Retryable reports whether an explicit retry may bring s back to queued.
func (s State) Retryable() bool { return s.Final() && s.CanBecome(Queued) }
