package spmd

import (
	"fmt"
	"slices"
	"time"
)

// Leader is rank 0: it takes workloads through the ranks, chunk by chunk. It is not safe for concurrent use, except for
// Estimate and Activity.
type Leader struct {
	comm     Comm
	open     Open
	peers    []peer    // by rank; the first is rank 0 itself
	own      *fitter   // of rank 0
	serves   bool      // rank 0 only serves the others
	awake    bool      // the other ranks are, and look for messages
	active   []*active // in the order of Add
	settling []*active // those that have ended, but whose values rank 0 still reads
	ended    []Outcome // that Step has not returned
	files    fileTable
	costs    *costTable
	chunks   map[int]*chunk // that are with a rank, by number
	last     int            // the last number of a chunk
	reserved int            // bytes of answers that are not delivered, at most
	minChunk float64        // nanoseconds
	arriving []arrival
	buffers  buffers
	decoder  decoder
	cache    *answerCache
	asked    map[string]*lookup // questions whose answers are under way, by cache key
	report   report
	patience patience
	computed int // series that the ranks have been given

	activities activities
}

// peer is what the leader knows of a rank.
type peer struct {
	host     string
	capacity float64   // threads; 0 until the rank has said hello
	chunks   int       // that it has
	votes    int       // that it still has to send
	since    time.Time // when it last answered, or began to be awaited
}

// active is a workload that was added and has not ended.
type active struct {
	workload Workload
	next     int     // the first series that no chunk has contained
	left     float64 // estimated cost from there on
	waiting  queue   // picks in order, whose answers the workload has not taken
	own      int     // chunks with its series that rank 0 itself fits
	over     bool    // it has ended, or was dropped
	settled  bool    // its outcome is made, or not wanted
	err      error
	ranks    []RankTime // by rank
	dealt    time.Time  // when a rank was last given some of it
	arrived  time.Time  // when a rank first answered some of it
	scatter  float64
	gather   float64
}

// RankTime is what one rank did for a workload, by rank 0's clock: a rank says how long ago it began and ended, so that its own clock
// does not matter.
type RankTime struct {
	Begin, End time.Time     // from its first series to its last; zero when it fitted none
	Load, Fit  time.Duration // of its threads on average, within that time; of chunks that also had series of others, the whole
	Chunks     int
	Cores      time.Duration // of all its threads together; of chunks that also had series of others, its share by the number of series
}

// maxComputing is up to how many ranks rank 0 computes, too. A core that also fits answers the others later.
const maxComputing = 8

// Lead makes the leader. Rank 0 calls it while every other rank calls Follow.
func Lead(comm Comm, c Config) (*Leader, error) {
	l := &Leader{
		comm: comm, open: c.Open, own: newFitter(c), serves: comm.Size() > maxComputing,
		peers: make([]peer, comm.Size()), chunks: make(map[int]*chunk), asked: make(map[string]*lookup),
		minChunk: minChunk, files: newFileTable(), costs: newCostTable(), cache: newAnswerCache(c.CacheBytes),
	}
	l.awake = true
	l.peers[0] = peer{host: c.Host, capacity: float64(max(c.Threads, 1))}
	for slices.ContainsFunc(l.peers, func(p peer) bool { return p.capacity == 0 }) {
		if err := l.pump(true); err != nil {
			return nil, fmt.Errorf("join: %w", err)
		}
	}
	l.activities.begin(l)
	return l, l.rest()
}

// Computed is how many series the ranks have computed, or were computing when their workload was dropped.
func (l *Leader) Computed() int { return l.computed }

// Ranks is the number of ranks.
func (l *Leader) Ranks() int { return l.comm.Size() }

// Threads is the number of fitting threads of all ranks together, without those of a rank 0 that only serves.
func (l *Leader) Threads() int {
	threads := 0.0
	for r := range l.peers {
		if l.computes(r) {
			threads += l.peers[r].capacity
		}
	}
	return int(threads)
}

// computes reports whether a rank takes part in fitting.
func (l *Leader) computes(rank int) bool { return rank > 0 || !l.serves }

// Hosts lists the names of the ranks' machines, each once, in rank order. Like Ranks and Threads it may be called by any goroutine: the rest
// of a peer changes meanwhile.
func (l *Leader) Hosts() []string {
	var once []string
	for r := range l.peers {
		if host := l.peers[r].host; !slices.Contains(once, host) {
			once = append(once, host)
		}
	}
	return once
}

// Add appends a workload. It asks for every series once, to estimate the cost. It returns the error of the first series
// whose options are not valid, and does not add the workload then.
func (l *Leader) Add(w Workload) error {
	cost, err := l.costs.sum(w)
	if err != nil {
		return err
	}
	a := &active{workload: w, left: cost.total, ranks: make([]RankTime, l.Ranks())}
	l.active = append(l.active, a)
	return nil
}

// Outcome says how a workload ended: with all answers taken, or with the error of Take.
type Outcome struct {
	Workload Workload
	Seconds  Seconds // of the chunks that contained its series, including other workloads' part in them
	Err      error

	Dealt   time.Time  // when a rank was last given some of it; zero when all answers were cached
	Arrived time.Time  // when the first answer came from a rank; likewise
	Ranks   []RankTime // by rank
}

// Busy reports whether there is a workload that has not ended, or an outcome that Step has not returned.
func (l *Leader) Busy() bool { return len(l.active)+len(l.settling)+len(l.ended) > 0 }

// slice is how long Step works while nothing ends.
const slice = 5 * time.Millisecond

// Step deals chunks to the ranks, delivers answers, and returns the workloads that have ended. It returns at the latest after
// some milliseconds. After an error the ranks are out of step, and the caller must end the world.
func (l *Leader) Step() ([]Outcome, error) {
	begin := time.Now()
	for {
		for _, a := range slices.Clone(l.active) {
			if a.workload.Len() == 0 {
				l.end(a, nil)
			}
		}
		if err := l.deal(); err != nil {
			return nil, err
		}
		if err := l.deliver(); err != nil {
			return nil, err
		}
		if len(l.ended) > 0 || !l.Busy() {
			break
		}
		if err := l.pump(true); err != nil {
			return nil, err
		}
		if time.Since(begin) > slice {
			break
		}
	}
	ended := l.ended
	l.ended = nil
	if !l.Busy() {
		return ended, l.rest()
	}
	return ended, nil
}

// rest lets the other ranks sleep until there is work.
func (l *Leader) rest() error {
	if !l.awake || l.Ranks() == 1 {
		return nil
	}
	if err := l.tell([]byte{messageRest}); err != nil {
		return fmt.Errorf("let the ranks rest: %w", err)
	}
	l.awake = false
	return nil
}

// wake wakes the other ranks if they rest. It is called before they are sent anything.
func (l *Leader) wake() error {
	if l.awake {
		return nil
	}
	if err := l.comm.Wake(); err != nil {
		return fmt.Errorf("wake the ranks: %w", err)
	}
	l.awake = true
	return nil
}

// end ends a workload. Its outcome is ready when rank 0 itself no longer reads its values.
func (l *Leader) end(a *active, err error) {
	a.over, a.err = true, err
	l.settling = append(l.settling, a)
	l.active = slices.DeleteFunc(l.active, func(other *active) bool { return other == a })
	l.settle(a)
}

// settle makes the outcome of a workload that has ended, unless rank 0 still fits its series.
func (l *Leader) settle(a *active) {
	if !a.over || a.own > 0 || a.settled {
		return
	}
	a.settled = true
	l.settling = slices.DeleteFunc(l.settling, func(other *active) bool { return other == a })
	seconds := Seconds{Scatter: a.scatter, Gather: a.gather}
	for _, r := range a.ranks {
		seconds.Load, seconds.Fit = max(seconds.Load, r.Load.Seconds()), max(seconds.Fit, r.Fit.Seconds())
	}
	l.ended = append(l.ended, Outcome{Workload: a.workload, Seconds: seconds, Err: a.err, Dealt: a.dealt, Arrived: a.arrived, Ranks: a.ranks})
}

// Drop removes a workload: no answer is taken from then on and no outcome returned, and when Drop returns rank 0 no longer reads its
// values. Dropping one whose outcome was returned has no effect. After an error the caller must end the world.
func (l *Leader) Drop(w Workload) error {
	l.ended = slices.DeleteFunc(l.ended, func(o Outcome) bool { return o.Workload == w })
	for _, a := range slices.Concat(l.active, l.settling) {
		if a.workload != w {
			continue
		}
		l.dismiss(a)
		for a.own > 0 {
			if err := l.pump(true); err != nil {
				return err
			}
		}
	}
	return nil
}

// dismiss removes a workload that has no outcome yet, and will have none.
func (l *Leader) dismiss(a *active) {
	a.over, a.settled = true, true
	same := func(other *active) bool { return other == a }
	l.active, l.settling = slices.DeleteFunc(l.active, same), slices.DeleteFunc(l.settling, same)
	l.abandon(a)
}

// Run adds workloads, if any, and steps until every workload has ended. The outcomes are in the order in which they ended.
func (l *Leader) Run(workloads ...Workload) ([]Outcome, error) {
	for _, w := range workloads {
		if err := l.Add(w); err != nil {
			return nil, err
		}
	}
	var all []Outcome
	for l.Busy() {
		ended, err := l.Step()
		all = append(all, ended...)
		if err != nil {
			return all, err
		}
	}
	return all, nil
}

// Stop waits for the chunks that are with the ranks and ends Follow on all other ranks. The leader must not be used afterwards.
func (l *Leader) Stop() error {
	for len(l.active) > 0 {
		l.dismiss(l.active[0])
	}
	for len(l.chunks) > 0 {
		if err := l.pump(true); err != nil {
			return fmt.Errorf("await the last answers: %w", err)
		}
	}
	l.own.close()
	if err := l.tell([]byte{messageStop}); err != nil {
		return fmt.Errorf("stop the ranks: %w", err)
	}
	return nil
}

// tell sends a short message to all other ranks, and waits until it has left.
func (l *Leader) tell(message []byte) error {
	if err := l.wake(); err != nil {
		return err
	}
	sent := make([]transfer, 0, l.Ranks())
	for rank := 1; rank < l.Ranks(); rank++ {
		request, err := l.comm.Isend(message, rank)
		if err != nil {
			return err
		}
		sent = append(sent, transfer{request: request})
	}
	for i := range sent {
		if err := l.awaitSent(&sent[i], i+1); err != nil {
			return err
		}
	}
	return nil
}
