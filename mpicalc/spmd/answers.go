package spmd

import (
	"bytes"
	"fmt"
	"slices"
	"time"

	"foliocast/mpicalc/forecast"
)

// expense is the time that a chunk took.
type expense struct {
	scatter, gather float64
	reports         []report
}

func (a *active) spend(e expense) {
	a.scatter += e.scatter
	a.gather += e.gather
	for r, report := range e.reports {
		a.load[r] += report.touched.Seconds()
		a.fit[r] += report.fitted.Seconds()
	}
}

// computeUnknown has the ranks compute what is not known yet, and returns the encoded answers in order.
func (l *Leader) computeUnknown(picks []pick) (spent expense, answers []byte, err error) {
	unknown := picks
	if slices.ContainsFunc(picks, func(p pick) bool { return p.known() }) {
		unknown = l.round.unknown[:0]
		for _, p := range picks {
			if !p.known() {
				unknown = append(unknown, p)
			}
		}
		l.round.unknown = unknown
	}
	if len(unknown) == 0 {
		return spent, nil, nil
	}
	l.computed += len(unknown)
	begin := time.Now()
	tasks, err := l.send(unknown)
	if err != nil {
		return spent, nil, err
	}
	spent.scatter = time.Since(begin).Seconds()
	answers, reports, gathered, err := l.collect(tasks)
	spent.gather, spent.reports = gathered.Seconds(), reports
	return spent, answers, err
}

// report is what a rank says of its share.
type report struct {
	size            int
	touched, fitted time.Duration
}

// collect computes rank 0's own share and gathers the answers of all. The duration is what gathering them took once
// every rank had fitted.
func (l *Leader) collect(tasks []task) ([]byte, []report, time.Duration, error) {
	own, status := l.compute(tasks)
	all, err := gatherEqual(l.comm, status)
	if err != nil {
		return nil, nil, 0, fmt.Errorf("gather reports: %w", err)
	}
	begin := time.Now()
	reports := make([]report, l.Ranks())
	counts := make([]int, l.Ranks())
	total := 0
	for r := range reports {
		in := reader{rest: all[r*statusSize : (r+1)*statusSize]}
		reports[r] = report{in.fixed(), time.Duration(in.fixed()), time.Duration(in.fixed())}
		counts[r] = reports[r].size
		if counts[r] < 0 || counts[r] > maxShare-total {
			return nil, nil, 0, errNonsense
		}
		total += counts[r]
	}
	if l.Ranks() == 1 {
		return own, reports, time.Since(begin), nil
	}
	l.round.answers = resize(l.round.answers, total)
	if err := l.comm.Gatherv(own, l.round.answers, counts); err != nil {
		return nil, nil, 0, fmt.Errorf("gather answers: %w", err)
	}
	return l.round.answers, reports, time.Since(begin), nil
}

// handOut gives the answers to their works, in order. The errors are those of Take; the rest of such a work is
// passed over.
func (l *Leader) handOut(picks []pick, answers []byte) (map[*active]error, error) {
	in := reader{rest: answers}
	failed := make(map[*active]error)
	for i := range picks {
		p := &picks[i]
		result, fault, err := l.read(&in, p)
		if err != nil {
			return nil, err
		}
		if failed[p.active] != nil {
			continue
		}
		var refusal error
		if fault != nil {
			refusal = fault
		}
		if err := p.active.work.Take(p.index, result, refusal); err != nil {
			failed[p.active] = err
		}
	}
	l.round.forget()
	return failed, in.end()
}

// read decodes the answer to a series: the next of those that the ranks gave, or the known one.
func (l *Leader) read(in *reader, p *pick) (*forecast.Result, *SeriesError, error) {
	known := p.recall
	if known == nil {
		return l.decoder.next(in, p.series.Options)
	}
	if known.same != nil {
		known.answer = known.same.answer
	}
	if known.answer != nil {
		return l.decoder.next(&reader{rest: known.answer}, p.series.Options)
	}
	before := in.rest
	result, fault, err := l.decoder.next(in, p.series.Options)
	if err == nil {
		known.answer = bytes.Clone(before[:len(before)-len(in.rest)])
		l.reuse.keep(known.key, known.answer)
	}
	return result, fault, err
}
