package spmd

import (
	"bytes"
	"fmt"
	"slices"
	"time"

	"foliocast/mpicalc/forecast"
)

// timing is how long a chunk took.
type timing struct {
	scatter, gather float64
	reports         []report
}

func (a *active) addTiming(t timing) {
	a.scatter += t.scatter
	a.gather += t.gather
	for r, report := range t.reports {
		a.load[r] += report.touched.Seconds()
		a.fit[r] += report.fitted.Seconds()
	}
}

// computeUncached has the ranks compute what is not cached, and returns the encoded answers in order.
func (l *Leader) computeUncached(picks []pick) (spent timing, answers []byte, err error) {
	uncached := picks
	if slices.ContainsFunc(picks, func(p pick) bool { return p.cached() }) {
		uncached = l.buffers.uncached[:0]
		for _, p := range picks {
			if !p.cached() {
				uncached = append(uncached, p)
			}
		}
		l.buffers.uncached = uncached
	}
	if len(uncached) == 0 {
		return spent, nil, nil
	}
	l.computed += len(uncached)
	begin := time.Now()
	tasks, err := l.send(uncached)
	if err != nil {
		return spent, nil, err
	}
	spent.scatter = time.Since(begin).Seconds()
	answers, reports, gathered, err := l.collect(tasks)
	spent.gather, spent.reports = gathered.Seconds(), reports
	return spent, answers, err
}

// report is what each rank sends with its answers.
type report struct {
	size            int
	touched, fitted time.Duration
}

// collect computes rank 0's own share and gathers the answers of all ranks. The duration is that of gathering the answers,
// from when every rank has finished fitting.
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
			return nil, nil, 0, errMalformed
		}
		total += counts[r]
	}
	if l.Ranks() == 1 {
		return own, reports, time.Since(begin), nil
	}
	l.buffers.answers = resize(l.buffers.answers, total)
	if err := l.comm.Gatherv(own, l.buffers.answers, counts); err != nil {
		return nil, nil, 0, fmt.Errorf("gather answers: %w", err)
	}
	return l.buffers.answers, reports, time.Since(begin), nil
}

// deliver gives the answers to their workloads, in order. When Take returns an error, the rest of that workload is
// skipped and the error is in the map.
func (l *Leader) deliver(picks []pick, answers []byte) (map[*active]error, error) {
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
		if err := p.active.workload.Take(p.index, result, refusal); err != nil {
			failed[p.active] = err
		}
	}
	l.buffers.forget()
	return failed, in.end()
}

// read decodes the answer to a series: the next one from the ranks, or the cached one.
func (l *Leader) read(in *reader, p *pick) (*forecast.Result, *SeriesError, error) {
	found := p.lookup
	if found == nil {
		return l.decoder.next(in, p.series.Options)
	}
	if found.same != nil {
		found.answer = found.same.answer
	}
	if found.answer != nil {
		return l.decoder.next(&reader{rest: found.answer}, p.series.Options)
	}
	before := in.rest
	result, fault, err := l.decoder.next(in, p.series.Options)
	if err == nil {
		found.answer = bytes.Clone(before[:len(before)-len(in.rest)])
		l.cache.keep(found.key, found.answer)
	}
	return result, fault, err
}
