package client

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"

	"foliocast/internal/job"
)

// maxEventLine bounds a line of a stream. An event has about a kilobyte.
const maxEventLine = 1 << 20

// eventReader takes Server-Sent Events apart that are written to it, as the HTML standard says
// (section 9.2.6).
type eventReader struct {
	yield   func(job.LogEvent, error) bool
	alive   func() // called when something comes
	last    int64  // the position of the last event, or where the stream began
	once    bool   // end at the first position
	stopped bool   // the caller wants no more, or the job has ended
	bytes   int    // of this stream

	line, data []byte // what has come of the current line, and of the current event
	name       string
	id         int64
}

// begin begins another stream.
func (r *eventReader) begin(alive func()) {
	r.alive, r.bytes, r.line, r.data, r.name, r.id = alive, 0, nil, nil, "", r.last
}

// Write takes some of the stream.
func (r *eventReader) Write(p []byte) (int, error) {
	r.alive()
	r.bytes += len(p)
	for rest := p; len(rest) > 0; {
		part, behind, ends := bytes.Cut(rest, []byte("\n"))
		if r.line = append(r.line, part...); len(r.line) > maxEventLine {
			return 0, fmt.Errorf("a line of the stream of events has more than %d bytes", maxEventLine)
		}
		if rest = behind; !ends {
			break
		}
		if err := r.take(r.line); err != nil {
			return 0, err
		}
		r.line = r.line[:0]
	}
	return len(p), nil
}

// take takes a line.
func (r *eventReader) take(line []byte) error {
	if len(line) == 0 {
		return r.dispatch()
	}
	field, value, _ := bytes.Cut(line, []byte(":"))
	value = bytes.TrimPrefix(value, []byte(" "))
	switch string(field) {
	case "data":
		r.data = append(append(r.data, value...), '\n')
	case "event":
		r.name = string(value)
	case "id":
		if id, err := strconv.ParseInt(string(value), 10, 64); err == nil {
			r.id = id
		}
	}
	return nil
}

// dispatch hands over the event whose lines have come.
func (r *eventReader) dispatch() error {
	name, data := r.name, r.data
	r.last, r.name, r.data = r.id, "", nil
	if r.once && r.last >= 0 {
		return errStopped
	}
	if len(data) == 0 {
		return nil
	}
	var e job.LogEvent
	var fault error
	switch name {
	case "":
		if err := json.Unmarshal(data, &e); err != nil {
			return fmt.Errorf("read an event: %w", err)
		}
	case "reset":
		var reset Reset
		if err := json.Unmarshal(data, &reset); err != nil {
			return fmt.Errorf("read a reset: %w", err)
		}
		fault = &reset
	default:
		return nil // of another version of the service
	}
	if !r.yield(e, fault) {
		r.stopped = true
		return errStopped
	}
	return nil
}
