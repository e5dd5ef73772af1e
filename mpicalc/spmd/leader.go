package spmd

import (
	"fmt"
	"slices"
	"time"
)

// Leader is rank 0: it takes works through the world, chunk by chunk. It is not safe for concurrent use.
type Leader struct {
	*member
	hosts    []string
	capacity []float64 // threads of each rank
	active   []*active // in the order of Add
	files    fileTable
	round    round
	decoder  decoder
	reuse    *reuse
	computed int // series that the ranks have computed
}

// active is a work under way.
type active struct {
	work    Work
	next    int     // the first series that no chunk has had
	left    float64 // estimated cost from there on
	fit     []float64
	load    []float64
	scatter float64
	gather  float64
}

// Lead makes rank 0's end of the world; every other rank must call Follow.
func Lead(comm Comm, c Config) (*Leader, error) {
	m, greetings, err := join(comm, c)
	if err != nil {
		return nil, fmt.Errorf("join: %w", err)
	}
	l := &Leader{member: m, files: newFileTable(), reuse: newReuse(c.Reuse)}
	for r := range comm.Size() {
		in := reader{rest: greetings[r*greetingSize : (r+1)*greetingSize]}
		l.capacity = append(l.capacity, float64(in.fixed()))
		l.hosts = append(l.hosts, string(in.text()))
		if in.failed {
			return nil, fmt.Errorf("join rank %d: %w", r, errNonsense)
		}
	}
	return l, nil
}

// Ranks is the number of ranks.
func (l *Leader) Ranks() int { return l.comm.Size() }

// Threads is the number of threads that fit, of all ranks together.
func (l *Leader) Threads() int {
	threads := 0.0
	for _, c := range l.capacity {
		threads += c
	}
	return int(threads)
}

// Hosts are the names of the ranks' machines, each once, in the order of the ranks.
func (l *Leader) Hosts() []string {
	var once []string
	for _, h := range l.hosts {
		if !slices.Contains(once, h) {
			once = append(once, h)
		}
	}
	return once
}

// Add puts a work in line. It asks for every series once, to estimate the cost. The error is that of the first
// series whose options are not valid; the work is not taken then.
func (l *Leader) Add(w Work) error {
	cost, err := estimate(w)
	if err != nil {
		return err
	}
	a := &active{work: w, left: cost, fit: make([]float64, l.Ranks()), load: make([]float64, l.Ranks())}
	l.active = append(l.active, a)
	return nil
}

// Estimate is roughly how long one thread takes for a work. The error is that of Add.
func Estimate(w Work) (time.Duration, error) {
	cost, err := estimate(w)
	return time.Duration(cost), err
}

func estimate(w Work) (cost float64, err error) {
	var prices priceList
	for i := range w.Len() {
		s := w.Series(i)
		p, err := prices.of(s.Options)
		if err != nil {
			return 0, err
		}
		cost += p.of(len(s.Values))
	}
	return cost, nil
}

// Drop takes a work out of line; nothing of it is computed from then on. It is no fault to drop what has ended.
func (l *Leader) Drop(w Work) {
	l.active = slices.DeleteFunc(l.active, func(a *active) bool { return a.work == w })
}

// Finished is a work that has ended: with all answers taken, or with the error of Take.
type Finished struct {
	Work    Work
	Seconds Seconds // of the chunks in which it took part, whoever else did
	Err     error
}

// Busy reports whether a work is in line.
func (l *Leader) Busy() bool { return len(l.active) > 0 }

// Step computes one chunk of the works in line, hands out its answers, and returns the works that ended with it.
// Without work it does nothing. After an error the world is of no more use, and the caller must end it.
func (l *Leader) Step() ([]Finished, error) {
	var ended []Finished
	for _, a := range slices.Clone(l.active) {
		if a.next == a.work.Len() { // a work without any series
			ended = append(ended, l.finish(a, nil))
		}
	}
	picks := l.compose()
	if len(picks) == 0 {
		return ended, nil
	}
	spent, answers, err := l.computeUnknown(picks)
	if err != nil {
		return ended, err
	}
	begin := time.Now()
	served := takers(picks)
	failed, err := l.handOut(picks, answers)
	if err != nil {
		return ended, err
	}
	spent.gather += time.Since(begin).Seconds()
	for _, a := range served {
		a.spend(spent)
		if failed[a] != nil || a.next == a.work.Len() {
			ended = append(ended, l.finish(a, failed[a]))
		}
	}
	return ended, nil
}

func (l *Leader) finish(a *active, err error) Finished {
	l.Drop(a.work)
	seconds := Seconds{Scatter: a.scatter, Gather: a.gather, Load: slices.Max(a.load), Fit: slices.Max(a.fit)}
	return Finished{Work: a.work, Seconds: seconds, Err: err}
}

// Run takes works through to their end, without any others.
func (l *Leader) Run(works ...Work) ([]Finished, error) {
	for _, w := range works {
		if err := l.Add(w); err != nil {
			return nil, err
		}
	}
	var all []Finished
	for l.Busy() {
		ended, err := l.Step()
		all = append(all, ended...)
		if err != nil {
			return all, err
		}
	}
	return all, nil
}

// Stop ends the loops of all ranks. The leader is of no more use.
func (l *Leader) Stop() error { return l.command(controlStop, nil) }

// command begins a round.
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
