package arrow

import (
	apache "github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/ipc"

	"foliocast/internal/series"
	"foliocast/internal/series/guard"
	"foliocast/internal/series/pandas"
)

// magic begins and ends an Arrow IPC file.
const magic = "ARROW1"

// featherMagic begins a file of Feather's first version, which was a format of its own.
const featherMagic = "FEA1"

// ReadMapped is [Read] for a mapped file. Where the file is stored, its values stay in the mapping until the table's Close, which
// calls unmap; otherwise ReadMapped calls it.
func ReadMapped(data []byte, unmap func() error, o series.Options) (*series.Table, *series.Audit, error) {
	t, audit, stored, err := read(data, o)
	if err == nil && stored {
		t.OnClose(unmap)
		return t, audit, nil
	}
	if closeErr := unmap(); err == nil && closeErr != nil {
		return nil, nil, closeErr
	}
	return t, audit, err
}

// Read reads an Arrow IPC file or stream in memory: a file in the stored, the long or the wide form, a stream in the last two.
// The values of a stored file share the memory of data. Unlike [Open], Read checks them all, because such a file may come from
// anywhere. It returns a [series.RejectError] for a file that it rejects, and a [series.FieldError] for an option that does not
// fit the file.
func Read(data []byte, o series.Options) (*series.Table, *series.Audit, error) {
	t, audit, _, err := read(data, o)
	return t, audit, err
}

// read is [Read], and reports whether the file is in the stored form.
func read(data []byte, o series.Options) (t *series.Table, audit *series.Audit, stored bool, err error) {
	defer guard.Recover(&t, &err)
	if len(data) == 0 {
		return nil, nil, false, series.Reject("the file is empty")
	}
	if isStream(data) {
		s, err := newStream(data, o.Budget)
		if err != nil {
			return nil, nil, false, err
		}
		t, audit, err = readRecords(s, len(data), o)
		return t, audit, false, err
	}
	f, err := newFile(data, o.Budget)
	if err != nil {
		return nil, nil, false, err
	}
	if isStored(f.Schema()) {
		t, audit, err = readAudited(f, len(data), o)
		return t, audit, true, err
	}
	t, audit, err = readRecords(&fileRecords{FileReader: f}, len(data), o)
	return t, audit, false, err
}

// readAudited reads the stored form, verifies and audits it.
func readAudited(f *ipc.FileReader, size int, o series.Options) (*series.Table, *series.Audit, error) {
	if err := o.CheckStored(); err != nil {
		return nil, nil, err
	}
	t, err := readStored(f, size, o.Budget)
	if err == nil {
		err = t.Verify()
	}
	if err == nil && o.Freq != "" && o.Freq != t.Freq() {
		if t, err = t.WithFreq(o.Freq, ""); err == nil {
			t.SetOrigin(series.Origin{ZoneFound: t.Origin().ZoneFound, Freq: o.Freq})
		}
	}
	if err == nil && o.Timezone != "" {
		t, err = t.WithZone(o.Timezone)
	}
	if err != nil {
		return nil, nil, err
	}
	return t, t.Audit(), nil
}

// reader is an Arrow file in the long or the wide form that is being read.
type reader struct {
	options series.Options

	table *series.Builder
	limit int64 // the most rows times columns that the file may have
	row   int64 // the rows of the records before
	coded int64 // the values of the largest dictionary of names so far
}

// records are the records of a file or of a stream.
type records interface {
	Schema() *apache.Schema
	// next is the next record, or nil after the last. It is valid until the next call.
	next() (apache.RecordBatch, error)
}

// fileRecords are the records of a file.
type fileRecords struct {
	*ipc.FileReader
	read int
}

func (f *fileRecords) next() (apache.RecordBatch, error) {
	if f.read == f.NumRecords() {
		return nil, nil
	}
	f.read++
	return f.RecordBatch(f.read - 1)
}

// readRecords reads the long or the wide form from a file of the given size.
func readRecords(f records, size int, o series.Options) (*series.Table, *series.Audit, error) {
	table, err := series.NewBuilder(columnsOf(f.Schema()), o)
	if err != nil {
		return nil, nil, err
	}
	r := reader{options: o, table: table, limit: guard.Limit(size) / 8}
	if table.Long {
		err = r.readLong(f)
	} else {
		err = r.readWide(f)
	}
	if err != nil {
		return nil, nil, err
	}
	return table.Table()
}

// columnsOf are the columns of a schema, with what their types and the metadata of pandas say about them.
func columnsOf(s *apache.Schema) []series.Column {
	text, _ := s.Metadata().GetValue(pandas.Key)
	frame := pandas.Read(text)
	columns := make([]series.Column, s.NumFields())
	for i, f := range s.Fields() {
		columns[i] = series.Column{Name: f.Name, Content: contentOf(typeOf(f.Type)), Index: frame.IsIndex(f.Name)}
	}
	return columns
}

// contentOf is what a type says about the values of a column. A text may be anything.
func contentOf(t apache.DataType) series.Content {
	switch id := t.ID(); {
	case id == apache.DATE32 || id == apache.DATE64 || id == apache.TIMESTAMP:
		return series.Times
	case apache.IsInteger(id):
		return series.Integers
	case apache.IsFloating(id) || apache.IsDecimal(id):
		return series.Numbers
	}
	return series.Unknown
}

// each calls a function with every record. It bounds the number of rows; width is the number of columns to read of each.
func (r *reader) each(f records, width int64, do func(apache.RecordBatch) error) error {
	for i := 1; ; i++ {
		record, err := f.next()
		if err != nil {
			return guard.Rejection(err, "record %d: %v", i, err)
		}
		if record == nil {
			return nil
		}
		rows := record.NumRows()
		if rows > r.limit || (r.row+rows)*width > r.limit || r.row+rows > series.MaxRows {
			return series.Reject("the file claims %d rows or more, too many for its size", r.row+rows)
		}
		if err := r.table.Grow(int(rows)); err != nil {
			return err
		}
		if err := do(record); err != nil {
			return err
		}
		r.row += rows
	}
}

// line is the number, from 1, of row k of the current record.
func (r *reader) line(k int) int64 { return r.row + int64(k) + 1 }

// readLong reads the rows of a long file.
func (r *reader) readLong(f records) error {
	l := r.table.Layout
	return r.each(f, 3, func(record apache.RecordBatch) error {
		times, err := r.times(record)
		if err != nil {
			return err
		}
		values, err := r.values(l.Value, record.Column(l.Value))
		if err != nil {
			return err
		}
		assets, err := r.assets(l.ID, record.Column(l.ID))
		if err != nil {
			return err
		}
		for k := range int(record.NumRows()) {
			if err := r.table.Err(); err != nil {
				return err
			}
			at, reason := times(k)
			if reason != "" {
				r.table.Unreadable(r.line(k), l.Time, reason)
				continue
			}
			asset, reason := assets(k)
			if reason != "" {
				r.table.Unreadable(r.line(k), l.ID, reason)
				continue
			}
			r.table.Add(r.line(k), asset, at, values(k))
		}
		return nil
	})
}

// readWide reads the rows of a wide file.
func (r *reader) readWide(f records) error {
	columns := make([][]float64, len(r.table.Assets))
	err := r.each(f, int64(len(columns)+1), func(record apache.RecordBatch) error {
		times, err := r.times(record)
		if err != nil {
			return err
		}
		for k := range int(record.NumRows()) {
			if err := r.table.Err(); err != nil {
				return err
			}
			at, reason := times(k)
			if reason != "" {
				r.table.Unreadable(r.line(k), r.table.Time, reason)
			}
			r.table.AddTime(r.line(k), at)
		}
		for i, place := range r.table.Assets {
			values, err := r.values(place, record.Column(place))
			if err != nil {
				return err
			}
			if err := r.table.Err(); err != nil {
				return err
			}
			for k := range int(record.NumRows()) {
				columns[i] = append(columns[i], values(k))
			}
		}
		return nil
	})
	if err != nil || r.table.Rejected() {
		return err // a rejected file needs no values
	}
	for _, values := range columns {
		r.table.SetValues(values)
	}
	return nil
}
