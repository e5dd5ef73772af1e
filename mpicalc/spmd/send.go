package spmd

import (
	"fmt"
	"slices"

	"foliocast/mpicalc/forecast"
)

// buffers is the leader's memory for a chunk, kept for the next one.
type buffers struct {
	picks       []pick
	uncached    []pick             // the picks that the ranks must compute
	byKey       map[string]*lookup // the first series with each cache key
	costs       []float64
	assignments []byte
	values      []float64
	tasks       []task
	answers     []byte
}

// forget drops the references to the workloads of a chunk, their values and answers. The memory is kept.
func (b *buffers) forget() {
	clear(b.picks)
	clear(b.uncached)
	clear(b.tasks)
	clear(b.byKey)
}

// send sends the ranks their shares, and returns rank 0's own.
func (l *Leader) send(picks []pick) ([]task, error) {
	if l.Ranks() == 1 {
		return l.ownTasks(picks), nil
	}
	b := &l.buffers
	b.costs = resize(b.costs, len(picks))
	for i, p := range picks {
		b.costs[i] = p.cost
	}
	ends := split(b.costs, l.capacity)
	head := header{shares: make([]share, l.Ranks())}
	numbers := make(map[*forecast.Options]int)
	b.assignments, b.values = b.assignments[:0], b.values[:0]
	for rank := 1; rank < l.Ranks(); rank++ {
		assignments, values := len(b.assignments), len(b.values)
		for _, p := range picks[ends[rank-1]:ends[rank]] {
			number, known := numbers[p.series.Options]
			if !known {
				number = len(head.options)
				numbers[p.series.Options] = number
				head.options = append(head.options, p.series.Options)
			}
			l.pack(p, number)
		}
		head.shares[rank] = share{bytes: len(b.assignments) - assignments, values: len(b.values) - values}
	}
	if err := l.command(controlChunk, head.append(nil)); err != nil {
		return nil, err
	}
	if err := l.scatter(&head); err != nil {
		return nil, err
	}
	return l.ownTasks(picks[:ends[0]]), nil
}

// pack appends the assignment of a series, its values unless every rank has mapped them, and its regressors.
func (l *Leader) pack(p pick, options int) {
	t := assignment{options: options, wantErrors: p.series.WantErrors, length: len(p.series.Values), file: p.file,
		skips: p.series.Skips, ends: p.series.Ends, walkEnds: p.series.WalkEnds, walkStride: p.series.WalkStride, regressors: len(p.series.Regressors)}
	if p.file > 0 {
		t.asset, t.from = p.series.In.Asset, p.series.In.From
	} else {
		l.buffers.values = append(l.buffers.values, p.series.Values...)
	}
	for _, x := range p.series.Regressors {
		l.buffers.values = append(l.buffers.values, x...)
	}
	l.buffers.assignments = t.append(l.buffers.assignments)
}

func (l *Leader) scatter(head *header) error {
	assignments, values := make([]int, l.Ranks()), make([]int, l.Ranks())
	for rank, s := range head.shares {
		assignments[rank], values[rank] = s.bytes, s.values
	}
	if err := l.comm.Scatterv(l.buffers.assignments, assignments, nil); err != nil {
		return fmt.Errorf("scatter assignments: %w", err)
	}
	if !head.scattersValues() {
		return nil
	}
	if err := l.comm.ScattervValues(l.buffers.values, values, nil); err != nil {
		return fmt.Errorf("scatter values: %w", err)
	}
	return nil
}

func (l *Leader) ownTasks(picks []pick) []task {
	tasks := slices.Grow(l.buffers.tasks[:0], len(picks))
	for _, p := range picks {
		tasks = append(tasks, task{
			series:     p.series.Series,
			options:    p.series.Options,
			wantErrors: p.series.WantErrors,
			mapped:     p.series.In.File != nil,
		})
	}
	l.buffers.tasks = tasks
	return tasks
}
