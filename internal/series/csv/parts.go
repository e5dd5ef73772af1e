package csv

import (
	"bytes"
	"runtime"
	"slices"

	"foliocast/internal/series"
)

// partBytes is about how long a part of a file is that one goroutine reads.
const partBytes = 4 << 20

// parts says how a long file is read in parts at the same time. In most files each row means the same wherever it stands; the others
// are read row by row instead.
type parts struct {
	bytes   int // of a part, about
	readers int // at a time
}

// partsOf are those for a file: none where the reading has a budget, since each part takes memory of its own.
func partsOf(o series.Options) parts {
	if o.Budget != nil {
		return parts{}
	}
	return parts{partBytes, runtime.GOMAXPROCS(0)}
}

// suit reports whether the file may be read in parts.
func (p parts) suit(r *reader) bool {
	return p.readers > 1 && r.scan.unquoted && r.table.Time >= 0 && len(r.scan.data) >= 2*p.bytes
}

// readParts reads the rows of a long file. It returns false for a file that must be read row by row.
func (r *reader) readParts(p parts) bool {
	waiting := make(chan chan *reader, p.readers-1) // in the order of the file
	stop := make(chan struct{})
	defer close(stop)
	begin := r.newPart() // all parts begin alike, while r takes in those before
	go func() {
		defer close(waiting)
		for rest := r.scan.data; len(rest) > 0; {
			part := rest[:min(p.bytes, len(rest))]
			if end := bytes.IndexByte(rest[len(part):], '\n'); end >= 0 {
				part = rest[:len(part)+end+1]
			} else {
				part = rest
			}
			rest = rest[len(part):]
			done := make(chan *reader, 1)
			select {
			case waiting <- done:
				go func() { done <- begin.readPart(part) }()
			case <-stop:
				return
			}
		}
	}()
	lines := r.scan.line - 1
	for done := range waiting {
		part := <-done
		if part == nil {
			return false
		}
		r.dialect.join(&part.dialect)
		if r.dialect.other { // all numbers must be looked at first
			return true
		}
		if !r.table.Join(part.table, lines) {
			return false
		}
		lines += part.scan.line - 1
	}
	return true
}

// newPart returns a reader that knows of the file what r does, and has read nothing.
func (r *reader) newPart() *reader {
	part := &reader{dialect: r.dialect, table: r.table.Part()}
	part.scan = scanner{separator: r.scan.separator, line: 1, unquoted: true}
	part.dialect.small, part.dialect.point, part.dialect.room = slices.Clone(r.dialect.small), slices.Clone(r.dialect.point), nil
	return part
}

// readPart reads some lines as r would, or returns nil when they are too many. r does not change.
func (r *reader) readPart(lines []byte) *reader {
	part := r.newPart()
	part.scan.data = lines
	if err := part.table.Grow(bytes.Count(lines, []byte("\n")) + 1); err != nil {
		return nil
	}
	part.readLong()
	return part
}

// join takes into account what the numbers of another part show.
func (d *dialect) join(part *dialect) {
	d.proven, d.doubtful, d.other = d.proven || part.proven, d.doubtful || part.doubtful, d.other || part.other
	for i := range d.small {
		d.small[i], d.point[i] = d.small[i] || part.small[i], d.point[i] || part.point[i]
	}
}
