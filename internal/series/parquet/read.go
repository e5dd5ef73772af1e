package parquet

import (
	"bytes"

	parquetgo "github.com/parquet-go/parquet-go"

	"foliocast/internal/series"
	"foliocast/internal/series/guard"
	"foliocast/internal/series/pandas"
)

// reader is a Parquet file that is being read.
type reader struct {
	file   *parquetgo.File
	fields []field
	frame  pandas.Frame
	zones  map[string]string // of columns of times, from the schema of Arrow
	table  *series.Builder
	check  pageChecker

	options series.Options
}

// Read reads a Parquet file in memory, in the long or the wide form. It returns a [series.RejectError] for a file that it
// rejects, and a [series.FieldError] for an option that does not fit the file.
func Read(data []byte, o series.Options) (t *series.Table, audit *series.Audit, err error) {
	defer guard.Recover(&t, &err)
	if len(data) == 0 {
		return nil, nil, series.Reject("the file is empty")
	}
	if err := checkFooter(data, o.Budget); err != nil {
		return nil, nil, err
	}
	if err := checkSeal(data); err != nil {
		return nil, nil, err
	}
	r := reader{options: o, check: newPageChecker(data, o.Budget)}
	if err := r.open(data, o); err != nil {
		return nil, nil, err
	}
	if r.table.Long {
		err = r.readLong()
	} else {
		err = r.readWide()
	}
	if err != nil {
		return nil, nil, err
	}
	return r.table.Table()
}

// open reads the footer and finds the columns.
func (r *reader) open(data []byte, o series.Options) error {
	var err error
	r.file, err = parquetgo.OpenFile(bytes.NewReader(data), int64(len(data)), parquetgo.SkipPageIndex(true), parquetgo.SkipBloomFilters(true))
	if err != nil {
		return series.Reject("not a readable Parquet file: %v", err)
	}
	r.fields = fields(r.file)
	r.readMetadata()
	columns := make([]series.Column, len(r.fields))
	for i, f := range r.fields {
		columns[i] = series.Column{Name: f.name(), Content: f.content(), Index: r.frame.IsIndex(f.name())}
	}
	if r.table, err = series.NewBuilder(columns, o); err != nil {
		return err
	}
	rows := r.file.NumRows()
	width := int64(3)
	if !r.table.Long {
		width = int64(len(columns))
	}
	if rows < 0 || rows > series.MaxRows || rows*8 > guard.Limit(len(data))/width {
		return series.Reject("the file claims %d rows, too many for its size", rows)
	}
	var sum int64
	for _, g := range r.file.RowGroups() {
		sum += g.NumRows()
	}
	if sum != rows {
		return series.Reject("the file claims %d rows, and its row groups have %d", rows, sum)
	}
	return nil
}

// readLong reads the rows of a long file.
func (r *reader) readLong() error {
	l := r.table.Layout
	times, err := r.times(l.Time)
	if err != nil {
		return err
	}
	values, err := r.values(l.Value)
	if err != nil {
		return err
	}
	names, err := r.names(l.ID)
	if err != nil {
		return err
	}
	rows := r.file.NumRows()
	if err := r.table.Grow(int(rows)); err != nil {
		return err
	}
	for line := int64(1); line <= rows; line++ {
		if err := r.table.Err(); err != nil {
			return err
		}
		at, reason, err := times()
		if err != nil {
			return err
		}
		value, err := values()
		if err != nil {
			return err
		}
		name, err := names()
		if err != nil {
			return err
		}
		if reason != "" {
			r.table.Unreadable(line, l.Time, reason)
			continue
		}
		asset, reason := r.table.Asset(name)
		if reason != "" {
			r.table.Unreadable(line, l.ID, reason)
			continue
		}
		r.table.Add(line, asset, at, value)
	}
	return nil
}

// readWide reads the columns of a wide file, one after the other.
func (r *reader) readWide() error {
	times, err := r.times(r.table.Time)
	if err != nil {
		return err
	}
	rows := r.file.NumRows()
	if err := r.table.Grow(int(rows)); err != nil {
		return err
	}
	for line := int64(1); line <= rows; line++ {
		if err := r.table.Err(); err != nil {
			return err
		}
		at, reason, err := times()
		if err != nil {
			return err
		}
		if reason != "" {
			r.table.Unreadable(line, r.table.Time, reason)
			continue
		}
		r.table.AddTime(line, at)
	}
	for _, i := range r.table.Assets {
		if r.table.Rejected() {
			break
		}
		value, err := r.values(i)
		if err != nil {
			return err
		}
		values := make([]float64, rows)
		for row := range values {
			if err := r.table.Err(); err != nil {
				return err
			}
			if values[row], err = value(); err != nil {
				return err
			}
		}
		r.table.SetValues(values)
	}
	return nil
}
