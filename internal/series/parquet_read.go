package series

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/parquet-go/parquet-go"
)

// parquetFile is a Parquet file that is being read.
type parquetFile struct {
	file   *parquet.File
	leaves []*parquet.Column
	layout layout
	source source
	check  pageChecker
	clock  bool
}

// readParquet reads a Parquet file in memory, in the long or the wide form.
func readParquet(data []byte, o Options) (t *Table, audit *Audit, err error) {
	defer recoverReject(&t, &err)
	if err := checkFooter(data); err != nil {
		return nil, nil, err
	}
	f := parquetFile{source: source{audit: new(Audit)}, check: pageChecker{data, expansionLimit(len(data))}}
	f.source.lines.at(0, 1)
	if err := f.open(data, o); err != nil {
		return nil, nil, err
	}
	f.source.long, f.source.rows = f.layout.long, f.file.NumRows()
	if f.layout.long {
		err = f.readLong()
	} else {
		err = f.readWide()
	}
	if err != nil {
		return nil, nil, err
	}
	dropMidnight(&f.source, f.clock)
	return assemble(&f.source, o)
}

// open reads the footer and finds the columns.
func (f *parquetFile) open(data []byte, o Options) error {
	var err error
	f.file, err = parquet.OpenFile(bytes.NewReader(data), int64(len(data)), parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true))
	if err != nil {
		return reject("not a readable Parquet file: %v", err)
	}
	f.leaves = f.file.Root().Columns()
	if len(f.leaves) == 0 {
		return reject("the file has no columns")
	}
	names := make([]string, len(f.leaves))
	for i, c := range f.leaves {
		names[i] = c.Name()
	}
	if f.layout, err = newLayout(names, o); err != nil {
		return err
	}
	rows := f.file.NumRows()
	width := int64(3)
	if !f.layout.long {
		width = int64(len(names))
	}
	switch {
	case rows == 0:
		return reject("the file has columns and no rows")
	case rows < 0 || rows > maxRows || rows*8 > f.check.left/width:
		return reject("the file claims %d rows, too many for its size", rows)
	}
	var sum int64
	for _, g := range f.file.RowGroups() {
		sum += g.NumRows()
	}
	if sum != rows {
		return reject("the file claims %d rows, and its row groups %d", rows, sum)
	}
	return nil
}

// cells reads the values of one column, group by group. It checks the pages of each before.
type cells struct {
	file   *parquetFile
	column *parquet.Column
	groups []parquet.RowGroup
	next   int
	pages  parquet.Pages
	page   parquet.ValueReader
	buffer []parquet.Value
	have   []parquet.Value // the part of buffer that has not been handed out
}

// cells begins to read a column, which must not be nested.
func (f *parquetFile) cells(column int) (*cells, error) {
	c := f.leaves[column]
	if !c.Leaf() || c.Repeated() {
		return nil, reject("column %q is nested", c.Name())
	}
	return &cells{file: f, column: c, groups: f.file.RowGroups(), buffer: make([]parquet.Value, 1024)}, nil
}

// value is the next value. It is valid until the call after.
func (c *cells) value() (parquet.Value, error) {
	for len(c.have) == 0 {
		if err := c.fill(); err != nil {
			return parquet.Value{}, reject("column %q: %v", c.column.Name(), err)
		}
	}
	v := c.have[0]
	c.have = c.have[1:]
	return v, nil
}

// fill reads a batch of values, which may be empty.
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

// open begins the column's pages of the next row group.
func (c *cells) open() error {
	index := c.column.Index()
	g := c.groups[c.next]
	meta := c.file.file.Metadata().RowGroups[c.next]
	if index >= len(meta.Columns) || index >= len(g.ColumnChunks()) {
		return fmt.Errorf("row group %d lacks it", c.next+1)
	}
	if err := c.file.check.column(&meta.Columns[index].MetaData, g.NumRows(), c.column.Optional()); err != nil {
		return err
	}
	c.pages = g.ColumnChunks()[index].Pages()
	c.next++
	return nil
}

// bad notes a fault in a row, counted from 0.
func (f *parquetFile) bad(row int64, column int, reason string) {
	f.source.audit.Unreadable.add(Finding{Line: row + 1, Column: f.layout.names[column], Reason: reason})
}

// readLong takes the rows of a long file.
func (f *parquetFile) readLong() error {
	l := f.layout
	times, err := f.times(l.time)
	if err != nil {
		return err
	}
	values, err := f.values(l.value)
	if err != nil {
		return err
	}
	names, err := f.names(l.id)
	if err != nil {
		return err
	}
	rows := newLongRows(int(f.source.rows))
	for row := range f.source.rows {
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
			f.bad(row, l.time, reason)
			continue
		}
		asset, reason := rows.asset(name)
		if reason != "" {
			f.bad(row, l.id, reason)
			continue
		}
		rows.add(asset, at, value)
	}
	f.source.columns = rows.columns()
	return nil
}

// readWide takes the columns of a wide file, one after the other.
func (f *parquetFile) readWide() error {
	read, err := f.times(0)
	if err != nil {
		return err
	}
	times := make([]int64, f.source.rows)
	for row := range times {
		at, reason, err := read()
		if err != nil {
			return err
		}
		if reason != "" {
			f.bad(int64(row), 0, reason)
		}
		times[row] = at
	}
	for i := 1; i < len(f.leaves); i++ {
		read, err := f.values(i)
		if err != nil {
			return err
		}
		values := make([]float64, len(times))
		for row := range values {
			if values[row], err = read(); err != nil {
				return err
			}
		}
		f.source.columns = append(f.source.columns, column{name: f.layout.names[i], times: times, values: values})
	}
	if f.source.audit.Unreadable.Count > 0 {
		f.source.columns = nil
	}
	return nil
}
