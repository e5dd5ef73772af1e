package spmd

import (
	"time"

	"foliocast/mpicalc/forecast"
)

// member is what the leader and the followers have in common: a rank that computes.
type member struct {
	comm       Comm
	open       Open
	fitter     *fitter
	status     []byte
	touchedSum float64 // what touch returned: without a use the compiler would drop the reads
}

// statusSize is the length of the report that every rank sends after a chunk: the size of its answers, and how many
// nanoseconds it touched mapped pages and fitted.
const statusSize = 3 * 8

// compute fits the tasks and returns the encoded answers and the report.
func (m *member) compute(tasks []task) (answers, status []byte) {
	begin := time.Now()
	m.touchedSum = touch(tasks)
	touched := time.Since(begin)
	answers, fitted := m.fitter.fit(tasks)
	m.status = m.status[:0]
	for _, n := range []int{len(answers), int(touched), int(fitted)} {
		m.status = appendFixed(m.status, n)
	}
	return answers, m.status
}

// unpack turns the assignments of a share, and the values that were sent with them, into tasks.
func unpack(tasks []task, assignments []byte, values []float64, options []*forecast.Options, files map[int]Source) ([]task, error) {
	in := reader{rest: assignments}
	var t assignment
	for len(in.rest) > 0 {
		t.parse(&in)
		if in.failed || t.options >= len(options) {
			return nil, errMalformed
		}
		task := task{options: options[t.options], wantErrors: t.wantErrors, mapped: t.file > 0}
		task.series.Skips, task.series.Ends, task.series.WalkEnds, task.series.WalkStride = t.skips, t.ends, t.walkEnds, t.walkStride
		whole := values
		if task.mapped {
			source := files[t.file]
			if source == nil || t.asset >= source.Len() {
				return nil, errMalformed
			}
			whole = source.Values(t.asset)
		}
		if t.from > len(whole) || t.length > len(whole)-t.from {
			return nil, errMalformed
		}
		task.series.Values = whole[t.from : t.from+t.length]
		if !task.mapped {
			values = values[t.length:]
		}
		for range t.regressors {
			n := t.length + task.options.Horizon
			if n > len(values) {
				return nil, errMalformed
			}
			task.series.Regressors = append(task.series.Regressors, values[:n])
			values = values[n:]
		}
		tasks = append(tasks, task)
	}
	if len(values) > 0 {
		return nil, errMalformed
	}
	return tasks, nil
}
