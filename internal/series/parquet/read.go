package parquet

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	parquetgo "github.com/parquet-go/parquet-go"

	"foliocast/internal/series"
	"foliocast/internal/series/guard"
)

// reader is a Parquet file that is being read.
type reader struct {
	file   *parquetgo.File
	leaves []*parquetgo.Column
	table  *series.Builder
	check  pageChecker
}

// Read reads a Parquet file in memory, in the long or the wide form. It returns a [series.RejectError] for a file that it
// rejects, and a [series.FieldError] for an option that does not fit the file.
func Read(data []byte, o series.Options) (t *series.Table, audit *series.Audit, err error) {
	defer guard.Recover(&t, &err)
	if len(data) == 0 {
		return nil, nil, series.Reject("the file is empty")
	}
	if err := checkFooter(data); err != nil {
		return nil, nil, err
	}
	if err := checkSeal(data); err != nil {
		return nil, nil, err
	}
	r := reader{check: pageChecker{data, guard.Limit(len(data))}}
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
	r.leaves = r.file.Root().Columns()
	columns := make([]series.Column, len(r.leaves))
	for i, c := range r.leaves {
		columns[i].Name = c.Name()
	}
	if r.table, err = series.NewBuilder(columns, o); err != nil {
		return err
	}
	rows := r.file.NumRows()
	width := int64(3)
	if !r.table.Long {
		width = int64(len(columns))
	}
	if rows < 0 || rows > series.MaxRows || rows*8 > r.check.left/width {
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

// cells reads the values of a column, row group by row group. It checks the pages of a row group before it reads them.
type cells struct {
	reader *reader
	column *parquetgo.Column
	groups []parquetgo.RowGroup
	next   int
	pages  parquetgo.Pages
	page   parquetgo.ValueReader
	buffer []parquetgo.Value
	have   []parquetgo.Value // the part of buffer that value has not returned
	row    int64             // the number, from 1, of the row that value returned last
}

// cells returns the cells of a column, which must not be nested.
func (r *reader) cells(column int) (*cells, error) {
	c := r.leaves[column]
	if !c.Leaf() || c.Repeated() {
		return nil, series.Reject("column %q is nested", c.Name())
	}
	return &cells{reader: r, column: c, groups: r.file.RowGroups(), buffer: make([]parquetgo.Value, 1024)}, nil
}

// value returns the value of the next row. It is valid until the next call.
func (c *cells) value() (parquetgo.Value, error) {
	for len(c.have) == 0 {
		if err := c.fill(); err != nil {
			return parquetgo.Value{}, series.Reject("column %q: %v", c.column.Name(), err)
		}
	}
	v := c.have[0]
	c.have = c.have[1:]
	c.row++
	return v, nil
}

// fill reads more values, or advances to the next page or row group.
func (c *cells) fill() error {
	if c.page != nil {
		n, err := c.page.ReadValues(c.buffer)
		c.have = c.buffer[:n]
		if err != nil {
			c.page = nil
			if !errors.Is(err, io.EOF) {
				return err
			}
		}
		return nil
	}
	if c.pages == nil {
		if c.next == len(c.groups) {
			return errors.New("it has fewer values than the file has rows")
		}
		if err := c.open(); err != nil {
			return err
		}
	}
	page, err := c.pages.ReadPage()
	switch {
	case errors.Is(err, io.EOF):
		err = c.pages.Close()
		c.pages = nil
		return err
	case err != nil:
		return err
	}
	c.page = page.Values()
	return nil
}

// open advances to the pages of the next row group.
func (c *cells) open() error {
	index := c.column.Index()
	g := c.groups[c.next]
	meta := c.reader.file.Metadata().RowGroups[c.next]
	if index >= len(meta.Columns) || index >= len(g.ColumnChunks()) {
		return fmt.Errorf("row group %d does not have it", c.next+1)
	}
	if err := c.reader.check.column(&meta.Columns[index].MetaData, g.NumRows(), c.column.Optional()); err != nil {
		return err
	}
	c.pages = g.ColumnChunks()[index].Pages()
	c.next++
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
	r.table.Grow(int(rows))
	for line := int64(1); line <= rows; line++ {
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
	r.table.Grow(int(rows))
	for line := int64(1); line <= rows; line++ {
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
			if values[row], err = value(); err != nil {
				return err
			}
		}
		r.table.SetValues(values)
	}
	return nil
}
