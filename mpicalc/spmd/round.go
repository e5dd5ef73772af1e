package spmd

import (
	"fmt"
	"slices"

	"foliocast/mpicalc/forecast"
)

// round is the leader's memory for a chunk, kept from one to the next.
type round struct {
	picks   []pick
	unknown []pick             // the picks that the ranks must compute
	seen    map[string]*recall // the first with each key
	costs   []float64
	tickets []byte
	values  []float64
	tasks   []task
	answers []byte
}

// forget lets go of the works of a chunk, their values and answers, and keeps the memory for the next one.
func (r *round) forget() {
	clear(r.picks)
	clear(r.unknown)
	clear(r.tasks)
	clear(r.seen)
}

// send tells the ranks their shares, and returns rank 0's own.
func (l *Leader) send(picks []pick) ([]task, error) {
	if l.Ranks() == 1 {
		return l.ownTasks(picks), nil
	}
	r := &l.round
	r.costs = resize(r.costs, len(picks))
	for i, p := range picks {
		r.costs[i] = p.cost
	}
	ends := split(r.costs, l.capacity)
	head := header{shares: make([]share, l.Ranks())}
	numbers := make(map[*forecast.Options]int)
	r.tickets, r.values = r.tickets[:0], r.values[:0]
	for rank := 1; rank < l.Ranks(); rank++ {
		tickets, values := len(r.tickets), len(r.values)
		for _, p := range picks[ends[rank-1]:ends[rank]] {
			number, known := numbers[p.series.Options]
			if !known {
				number = len(head.options)
				numbers[p.series.Options] = number
				head.options = append(head.options, p.series.Options)
			}
			l.pack(p, number)
		}
		head.shares[rank] = share{bytes: len(r.tickets) - tickets, values: len(r.values) - values}
	}
	if err := l.command(controlChunk, head.append(nil)); err != nil {
		return nil, err
	}
	if err := l.scatter(&head); err != nil {
		return nil, err
	}
	return l.ownTasks(picks[:ends[0]]), nil
}

// pack appends the ticket of a series, and its values where a rank cannot map them.
func (l *Leader) pack(p pick, options int) {
	t := ticket{options: options, wantErrors: p.series.WantErrors, length: len(p.series.Values), file: p.file}
	if p.file > 0 {
		t.asset, t.from = p.series.In.Asset, p.series.In.From
	} else {
		l.round.values = append(l.round.values, p.series.Values...)
	}
	l.round.tickets = t.append(l.round.tickets)
}

func (l *Leader) scatter(head *header) error {
	tickets, values := make([]int, l.Ranks()), make([]int, l.Ranks())
	for rank, s := range head.shares {
		tickets[rank], values[rank] = s.bytes, s.values
	}
	if err := l.comm.Scatterv(l.round.tickets, tickets, nil); err != nil {
		return fmt.Errorf("scatter tickets: %w", err)
	}
	if !head.scattersValues() {
		return nil
	}
	if err := l.comm.ScattervValues(l.round.values, values, nil); err != nil {
		return fmt.Errorf("scatter values: %w", err)
	}
	return nil
}

func (l *Leader) ownTasks(picks []pick) []task {
	tasks := slices.Grow(l.round.tasks[:0], len(picks))
	for _, p := range picks {
		tasks = append(tasks, task{
			values:     p.series.Values,
			options:    p.series.Options,
			wantErrors: p.series.WantErrors,
			mapped:     p.series.In.File != nil,
		})
	}
	l.round.tasks = tasks
	return tasks
}
