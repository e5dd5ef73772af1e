package api

import (
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"foliocast/frontend/store"
	"foliocast/internal/job"
	"foliocast/internal/problem"
)

// cursorOf encodes a cursor as opaque text: the order, unless it is by submission, what the job's place in it comes from, and its id.
func cursorOf(c store.Cursor, o job.Order) string {
	text := ""
	switch o.Key() {
	case job.BySubmission:
		text = strconv.FormatInt(c.CreatedAt.UnixMicro(), 10)
	case job.ByDataset:
		text = fmt.Sprintf("%s,%d,%s", o, c.CreatedAt.UnixMicro(), c.Dataset)
	case job.ByEnd:
		text = fmt.Sprintf("%s,%d", o, c.EndedAt.UnixMicro())
	case job.ByDuration:
		text = fmt.Sprintf("%s,%d", o, c.Took.Microseconds())
	}
	return base64.RawURLEncoding.EncodeToString([]byte(text + "," + string(c.ID)))
}

// parseCursor reads what cursorOf has written for the same order.
func parseCursor(text string, o job.Order) (store.Cursor, error) {
	if text == "" {
		return store.Cursor{}, nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(text)
	c, ok := readCursor(string(raw), o)
	if err != nil || !ok {
		return store.Cursor{}, problem.New(problem.Invalid, "the request has faults",
			problem.Fault{Pointer: "cursor", Detail: "must be the value of the field next of a page in the same order"})
	}
	return c, nil
}

// mostMicros bounds the times and durations of cursors. The database has none beyond it.
const mostMicros = 1 << 53

func readCursor(text string, o job.Order) (c store.Cursor, ok bool) {
	if o.Key() != job.BySubmission {
		if text, ok = strings.CutPrefix(text, string(o)+","); !ok {
			return c, false
		}
	}
	fields := strings.Split(text, ",")
	if o.Key() == job.ByDataset && len(fields) == 3 {
		c.Dataset = fields[1]
		fields = []string{fields[0], fields[2]}
	}
	if len(fields) != 2 || (c.Dataset != "") != (o.Key() == job.ByDataset) || !problem.Storable(c.Dataset) {
		return c, false
	}
	micros, err := strconv.ParseInt(fields[0], 10, 64)
	_, err2 := uuid.Parse(fields[1])
	if err != nil || err2 != nil || len(fields[1]) != 36 || micros < -mostMicros || micros > mostMicros {
		return c, false
	}
	c.ID = job.ID(fields[1])
	at := time.UnixMicro(micros).UTC()
	switch o.Key() {
	case job.ByDuration: // negative by clocks that differ
		c.Took = time.Duration(micros) * time.Microsecond
		return c, true
	case job.ByEnd:
		c.EndedAt = at
	default:
		c.CreatedAt = at
	}
	return c, micros >= 0
}
