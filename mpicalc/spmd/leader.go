package spmd

import (
	"fmt"
	"slices"
	"time"
)

// Leader is rank 0: it takes workloads through the ranks, chunk by chunk. It is not safe for concurrent use.
type Leader struct {
	*member
	hosts    []string
	capacity []float64 // threads of each rank
	active   []*active // in the order of Add
	files    fileTable
	buffers  buffers
	decoder  decoder
	cache    *answerCache
	computed int // series that the ranks have computed
}

// active is a workload that was added and has not ended.
type active struct {
	workload Workload
	next     int     // the first series that no chunk has contained
	left     float64 // estimated cost from there on
	fit      []float64
	load     []float64
	scatter  float64
	gather   float64
}

// Lead makes the leader. Rank 0 calls it while every other rank calls Follow.
func Lead(comm Comm, c Config) (*Leader, error) {
	m, handshakes, err := join(comm, c)
	if err != nil {
		return nil, fmt.Errorf("join: %w", err)
	}
	l := &Leader{member: m, files: newFileTable(), cache: newAnswerCache(c.CacheBytes)}
	for r := range comm.Size() {
		in := reader{rest: handshakes[r*handshakeSize : (r+1)*handshakeSize]}
		l.capacity = append(l.capacity, float64(in.fixed()))
		l.hosts = append(l.hosts, string(in.text()))
		if in.failed {
			return nil, fmt.Errorf("join rank %d: %w", r, errMalformed)
		}
	}
	return l, nil
}

// Ranks is the number of ranks.
func (l *Leader) Ranks() int { return l.comm.Size() }

// Threads is the number of fitting threads of all ranks together.
func (l *Leader) Threads() int {
	threads := 0.0
	for _, c := range l.capacity {
		threads += c
	}
	return int(threads)
}

// Hosts lists the names of the ranks' machines, each once, in rank order.
func (l *Leader) Hosts() []string {
	var once []string
	for _, h := range l.hosts {
		if !slices.Contains(once, h) {
			once = append(once, h)
		}
	}
	return once
}

// Add appends a workload. It asks for every series once, to estimate the cost. It returns the error of the first series
// whose options are not valid, and does not add the workload then.
func (l *Leader) Add(w Workload) error {
	cost, err := estimate(w)
	if err != nil {
		return err
	}
	a := &active{workload: w, left: cost, fit: make([]float64, l.Ranks()), load: make([]float64, l.Ranks())}
	l.active = append(l.active, a)
	return nil
}

// Estimate is roughly how long one thread takes for a workload. It fails as Add does.
func Estimate(w Workload) (time.Duration, error) {
	cost, err := estimate(w)
	return time.Duration(cost), err
}

func estimate(w Workload) (cost float64, err error) {
	var costs costMemo
	for i := range w.Len() {
		s := w.Series(i)
		model, err := costs.of(s.Options)
		if err != nil {
			return 0, err
		}
		cost += model.of(&s.Series)
	}
	return cost, nil
}

// Drop removes a workload: none of its series is computed from then on. Dropping one that has ended has no effect.
func (l *Leader) Drop(w Workload) {
	l.active = slices.DeleteFunc(l.active, func(a *active) bool { return a.workload == w })
}

// Outcome says how a workload ended: with all answers taken, or with the error of Take.
type Outcome struct {
	Workload Workload
	Seconds  Seconds // of the chunks that contained its series, including other workloads' part in them
	Err      error
}

// Busy reports whether there is a workload that has not ended.
func (l *Leader) Busy() bool { return len(l.active) > 0 }

// Step computes one chunk, delivers its answers, and returns the workloads that ended with it. When there is nothing to
// compute it does not involve the other ranks. After an error the ranks are out of step, and the caller must end the world.
func (l *Leader) Step() ([]Outcome, error) {
	var ended []Outcome
	for _, a := range slices.Clone(l.active) {
		if a.next == a.workload.Len() { // it has no series at all
			ended = append(ended, l.finish(a, nil))
		}
	}
	picks := l.nextChunk()
	if len(picks) == 0 {
		return ended, nil
	}
	spent, answers, err := l.computeUncached(picks)
	if err != nil {
		return ended, err
	}
	begin := time.Now()
	served := workloadsOf(picks)
	failed, err := l.deliver(picks, answers)
	if err != nil {
		return ended, err
	}
	spent.gather += time.Since(begin).Seconds()
	for _, a := range served {
		a.addTiming(spent)
		if failed[a] != nil || a.next == a.workload.Len() {
			ended = append(ended, l.finish(a, failed[a]))
		}
	}
	return ended, nil
}

func (l *Leader) finish(a *active, err error) Outcome {
	l.Drop(a.workload)
	seconds := Seconds{Scatter: a.scatter, Gather: a.gather, Load: slices.Max(a.load), Fit: slices.Max(a.fit)}
	return Outcome{Workload: a.workload, Seconds: seconds, Err: err}
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

// Stop ends Follow on all other ranks. The leader must not be used afterwards.
func (l *Leader) Stop() error { return l.command(controlStop, nil) }

// command begins a round: it wakes the ranks and sends them the header.
func (l *Leader) command(kind byte, head []byte) error {
	if err := l.comm.AwaitBcast(control(kind, head)); err != nil {
		return fmt.Errorf("wake the ranks: %w", err)
	}
	if len(head) == 0 {
		return nil
	}
	if err := l.comm.Bcast(head); err != nil {
		return fmt.Errorf("send the header: %w", err)
	}
	return nil
}
