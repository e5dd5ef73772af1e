package parquet

import (
	"errors"
	"fmt"
	"io"

	parquetgo "github.com/parquet-go/parquet-go"

	"foliocast/internal/series/guard"
)

// cells reads the values of a column, row group by row group. It checks the pages of a row group before it reads them.
type cells struct {
	reader *reader
	field
	groups []parquetgo.RowGroup
	next   int
	pages  parquetgo.Pages
	page   parquetgo.ValueReader
	buffer []parquetgo.Value
	have   []parquetgo.Value // the part of buffer that value has not returned
	row    int64             // the number, from 1, of the row that value returned last
}

// cells returns the cells of a column, which must not be nested.
func (r *reader) cells(column int) *cells {
	size := max(1, min(1024, r.file.NumRows()))
	return &cells{reader: r, field: r.fields[column], groups: r.file.RowGroups(), buffer: make([]parquetgo.Value, size)}
}

// value returns the value of the next row. It is valid until the next call.
func (c *cells) value() (parquetgo.Value, error) {
	for len(c.have) == 0 {
		if err := c.fill(); err != nil {
			return parquetgo.Value{}, guard.Rejection(err, "column %q: %v", c.name(), err)
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
	chunk := &meta.Columns[index].MetaData
	var unpacked *unpackedColumn
	if needsUnpacking(chunk) {
		unpacked = newUnpackedColumn()
	}
	err := c.reader.check.column(chunk, g.NumRows(), c.column, unpacked)
	switch {
	case err != nil:
		return err
	case unpacked != nil:
		if c.pages, err = unpacked.pages(c.field, chunk, g.NumRows()); err != nil {
			return err
		}
	default:
		c.pages = g.ColumnChunks()[index].Pages()
	}
	c.next++
	return nil
}
