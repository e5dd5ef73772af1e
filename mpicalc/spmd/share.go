package spmd

import (
	"time"

	"foliocast/mpicalc/forecast"
)

// A rank, leader or follower, as a member of the world that computes.
type member struct {
	comm   Comm
	open   Open
	fitter *fitter
	status []byte
	seen   float64 // what touch returned: the reads must have a use, or the compiler leaves them out
}

// statusSize is the length of what every rank reports after a chunk: the size of its answers, and how many
// nanoseconds it touched and fitted.
const statusSize = 3 * 8

// compute fits the tasks and returns the encoded answers and the report.
func (m *member) compute(tasks []task) (answers, status []byte) {
	begin := time.Now()
	m.seen = touch(tasks)
	touched := time.Since(begin)
	answers, fitted := m.fitter.fit(tasks)
	m.status = m.status[:0]
	for _, n := range []int{len(answers), int(touched), int(fitted)} {
		m.status = appendFixed(m.status, n)
	}
	return answers, m.status
}

// unpack turns the tickets of a share, and the values sent with it, into tasks.
func unpack(tasks []task, tickets []byte, values []float64, options []*forecast.Options, files map[int]Source) ([]task, error) {
	in := reader{rest: tickets}
	var t ticket
	for len(in.rest) > 0 {
		t.parse(&in)
		if in.failed || t.options >= len(options) {
			return nil, errNonsense
		}
		task := task{options: options[t.options], wantErrors: t.wantErrors, mapped: t.file > 0}
		whole := values
		if task.mapped {
			source := files[t.file]
			if source == nil || t.asset >= source.Len() {
				return nil, errNonsense
			}
			whole = source.Values(t.asset)
		}
		if t.from > len(whole) || t.length > len(whole)-t.from {
			return nil, errNonsense
		}
		task.values = whole[t.from : t.from+t.length]
		if !task.mapped {
			values = values[t.length:]
		}
		tasks = append(tasks, task)
	}
	if len(values) > 0 {
		return nil, errNonsense
	}
	return tasks, nil
}
