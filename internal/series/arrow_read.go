package series

import (
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/ipc"
)

// arrowMagic begins and ends an Arrow IPC file.
const arrowMagic = "ARROW1"

// readArrow reads an Arrow IPC file in memory, in the stored, the long or the wide form.
func readArrow(data []byte, o Options) (t *Table, audit *Audit, err error) {
	defer recoverReject(&t, &err)
	file, err := newArrowFile(data)
	if err != nil {
		return nil, nil, err
	}
	if isStored(file.Schema()) {
		return openAudited(file, len(data), o)
	}
	return readRecords(file, len(data), o)
}

// openAudited reads the stored form, verifies and audits it.
func openAudited(f *ipc.FileReader, size int, o Options) (*Table, *Audit, error) {
	t, err := readStored(f, size)
	if err == nil {
		err = t.verify()
	}
	if err != nil {
		return nil, nil, err
	}
	if o.Freq != "" && o.Freq != t.freq {
		if t, err = t.WithFreq(o.Freq); err != nil {
			return nil, nil, err
		}
	}
	audit := &Audit{Form: "stored"}
	t.summarize(audit)
	audit.Rows = audit.Values
	return t, audit, nil
}

// arrowFile is an Arrow file in the long or the wide form that is being read.
type arrowFile struct {
	layout layout
	source source
	limit  int64 // the most rows times columns that the file may have
	clock  bool  // the times came as timestamps without a zone
	known  bool  // the kind of time is known
	row    int64 // the rows read
}

// readRecords reads the long or the wide form.
func readRecords(r *ipc.FileReader, size int, o Options) (*Table, *Audit, error) {
	names := make([]string, r.Schema().NumFields())
	for i := range names {
		names[i] = r.Schema().Field(i).Name
	}
	if len(names) == 0 {
		return nil, nil, reject("the file has no columns")
	}
	l, err := newLayout(names, o)
	if err != nil {
		return nil, nil, err
	}
	f := arrowFile{layout: l, source: source{audit: new(Audit), long: l.long}, limit: expansionLimit(size) / 8}
	f.source.lines.at(0, 1)
	if l.long {
		err = f.readLong(r)
	} else {
		err = f.readWide(r)
	}
	if err != nil {
		return nil, nil, err
	}
	f.source.rows = f.row
	if f.row == 0 {
		return nil, nil, reject("the file has columns and no rows")
	}
	dropMidnight(&f.source, f.clock)
	return assemble(&f.source, o)
}

// each calls a function with every record, and bounds their rows.
func (f *arrowFile) each(r *ipc.FileReader, width int64, do func(arrow.RecordBatch) error) error {
	for i := range r.NumRecords() {
		record, err := r.RecordBatch(i)
		if err != nil {
			return reject("record %d: %v", i+1, err)
		}
		rows := record.NumRows()
		if rows > f.limit || (f.row+rows)*width > f.limit || f.row+rows > maxRows {
			return reject("the file claims %d rows and more, too many for its size", f.row+rows)
		}
		if err := do(record); err != nil {
			return err
		}
		f.row += rows
	}
	return nil
}

// times finds how to read the time column of a record, whose kind must be that of the records before.
func (f *arrowFile) times(record arrow.RecordBatch, column int) (func(int) (int64, string), error) {
	read, kind, err := timeReader(record.Column(column))
	switch {
	case err != nil:
		return nil, reject("column %q: %v", f.layout.names[column], err)
	case f.known && kind != f.source.kind:
		return nil, reject("column %q: the records differ in their kind of time", f.layout.names[column])
	case record.NumRows() > 0:
		f.source.kind, f.known = kind, true
		f.clock = kind == Clock && record.Column(column).DataType().ID() == arrow.TIMESTAMP
	}
	return read, nil
}

// bad notes a fault in a row of the current record.
func (f *arrowFile) bad(k, column int, reason string) {
	f.source.audit.Unreadable.add(Finding{Line: f.row + int64(k) + 1, Column: f.layout.names[column], Reason: reason})
}

// readLong takes the rows of a long file.
func (f *arrowFile) readLong(r *ipc.FileReader) error {
	rows := newLongRows(0)
	l := f.layout
	err := f.each(r, 3, func(record arrow.RecordBatch) error {
		times, err := f.times(record, l.time)
		if err != nil {
			return err
		}
		values, err := valueReader(record.Column(l.value))
		if err != nil {
			return reject("column %q: %v", l.names[l.value], err)
		}
		assets, err := assetReader(record.Column(l.id), rows)
		if err != nil {
			return reject("column %q: %v", l.names[l.id], err)
		}
		rows.grow(int(record.NumRows()))
		for k := range int(record.NumRows()) {
			at, reason := times(k)
			if reason != "" {
				f.bad(k, l.time, reason)
				continue
			}
			asset, reason := assets(k)
			if reason != "" {
				f.bad(k, l.id, reason)
				continue
			}
			rows.add(asset, at, values(k))
		}
		return nil
	})
	f.source.columns = rows.columns()
	return err
}

// readWide takes the rows of a wide file.
func (f *arrowFile) readWide(r *ipc.FileReader) error {
	names := f.layout.names[1:]
	columns := make([][]float64, len(names))
	var times []int64
	err := f.each(r, int64(len(names)+1), func(record arrow.RecordBatch) error {
		read, err := f.times(record, 0)
		if err != nil {
			return err
		}
		for k := range int(record.NumRows()) {
			at, reason := read(k)
			if reason != "" {
				f.bad(k, 0, reason)
			}
			times = append(times, at)
		}
		for i := range names {
			values, err := valueReader(record.Column(i + 1))
			if err != nil {
				return reject("column %q: %v", names[i], err)
			}
			for k := range int(record.NumRows()) {
				columns[i] = append(columns[i], values(k))
			}
		}
		return nil
	})
	if err != nil || f.source.audit.Unreadable.Count > 0 {
		return err
	}
	for i, name := range names {
		f.source.columns = append(f.source.columns, column{name: name, times: times, values: columns[i]})
	}
	return nil
}

// dropMidnight turns times without a zone into dates when all of them are midnight: the usual way of libraries that
// know only timestamps to store dates.
func dropMidnight(s *source, clock bool) {
	if !clock {
		return
	}
	for i, c := range s.columns {
		if i > 0 && sameSlice(c.times, s.columns[i-1].times) {
			continue
		}
		for _, t := range c.times {
			if t%microsPerDay != 0 {
				return
			}
		}
	}
	s.kind = Date
	var read, days []int64
	for i := range s.columns {
		c := &s.columns[i]
		if read == nil || !sameSlice(c.times, read) {
			read, days = c.times, make([]int64, len(c.times))
			for k, t := range read {
				days[k] = t / microsPerDay
			}
		}
		c.times = days
	}
}

// errType says that a column has a type that cannot serve.
func errType(t arrow.DataType, use string) error { return fmt.Errorf("type %s cannot be %s", t, use) }
