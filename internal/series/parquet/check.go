package parquet

import (
	"encoding/binary"
	"errors"
	"fmt"

	parquetgo "github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"

	"foliocast/internal/series"
	"foliocast/internal/series/guard"
)

// magic begins and ends a Parquet file.
const magic = "PAR1"

// pageChecker checks the pages of a Parquet file before the library reads them. The library trusts the counts in pages, so a
// few bytes could make it allocate more memory than there is.
type pageChecker struct {
	data    []byte
	limit   int64 // how many bytes pages may become, one after the other
	left    int64 // of limit
	budget  *series.Budget
	largest int64 // what the largest page so far has taken from the budget

	// Of the column that is being checked:
	rows     int64   // of its row group that no page has yet
	words    int64   // in its dictionary, or -1 without one
	optional bool    // it may have nulls
	size     int64   // the bytes of a value, or 0 where each value has its own length
	undone   *undone // of the page that was checked last, or nil
}

func newPageChecker(data []byte, b *series.Budget) pageChecker {
	limit := b.Unpacked(guard.Limit(len(data)))
	return pageChecker{data: data, limit: limit, left: limit, budget: b}
}

// checkFooter checks that the file has a footer, and that the footer holds what it claims to hold, before the library makes room
// for it.
func checkFooter(data []byte, b *series.Budget) error {
	end := len(data) - 8
	if end < 4 || string(data[:4]) != magic || string(data[end+4:]) != magic {
		return series.Reject("not a Parquet file, or one that is cut off or encrypted")
	}
	size := int64(binary.LittleEndian.Uint32(data[end:]))
	if size > int64(end)-4 {
		return series.Reject("the Parquet file is cut off: its footer would have %d bytes", size)
	}
	footer := data[int64(end)-size : end]
	w := thriftWalker{data: footer}
	if err := w.structure(maxThriftDepth); err != nil {
		return series.Reject("the footer of the Parquet file is damaged")
	}
	footer = footer[:len(footer)-len(w.data)]
	if err := b.Hold(w.bytes + 2*int64(len(footer))); err != nil { // the library copies the footer
		return err
	}
	return checkSchema(footer)
}

// The bounds of a schema. The library keeps the path of each element, and builds types for the columns from the top down.
const (
	maxSchemaDepth = 32
	maxSchemaPaths = 8 * series.MaxColumns // the lengths of all paths together
)

// checkSchema bounds the depth and the size of the schema in a footer, which must hold what it claims to hold.
func checkSchema(footer []byte) error {
	var m format.FileMetaData
	if err := thrift.Unmarshal(new(thrift.CompactProtocol), footer, &m); err != nil {
		return series.Reject("the footer of the Parquet file is damaged")
	}
	if n := len(m.Schema); n > series.MaxColumns {
		return series.Reject("the schema of the Parquet file has %d elements, and may have %d", n, series.MaxColumns)
	}
	var open []int32 // how many children are still to come, of each element around the next
	paths := 0
	for i := range m.Schema {
		if i > 0 && len(open) == 0 {
			return errSchema()
		}
		paths += len(open) + 1
		if len(open) > maxSchemaDepth || paths > maxSchemaPaths {
			return series.Reject("the schema of the Parquet file is more than %d levels deep, or too large: write the file with plain columns", maxSchemaDepth)
		}
		if n := m.Schema[i].NumChildren; n.Valid && n.V < 0 {
			return errSchema()
		} else if n.Valid && n.V > 0 {
			open = append(open, n.V)
			continue
		}
		for len(open) > 0 {
			last := len(open) - 1
			if open[last]--; open[last] > 0 {
				break
			}
			open = open[:last]
		}
	}
	if len(open) > 0 {
		return errSchema()
	}
	return nil
}

// errSchema rejects a schema whose elements do not have the children that they claim to have. The library takes their numbers for
// granted.
func errSchema() error { return series.Reject("the schema of the Parquet file is damaged") }

// column checks the pages of a column in one row group. It adds them to unpacked, unless that is nil.
func (p *pageChecker) column(c *format.ColumnMetaData, rows int64, column *parquetgo.Column, unpacked *unpackedColumn) error {
	p.optional, p.size, p.words = column.Optional(), storedSize(column.Type()), -1
	from := c.DataPageOffset
	if c.DictionaryPageOffset != 0 {
		from = c.DictionaryPageOffset
	}
	size := int64(len(p.data))
	if from < 0 || c.TotalCompressedSize < 0 || from > size || c.TotalCompressedSize > size-from {
		return errors.New("it is outside the file")
	}
	rest := p.data[from : from+c.TotalCompressedSize]
	for p.rows = rows; len(rest) > 0 && p.rows > 0; {
		if err := p.budget.Err(); err != nil {
			return err
		}
		n, err := thriftLength(rest)
		if err != nil {
			return err
		}
		var h format.PageHeader
		if err := thrift.Unmarshal(new(thrift.CompactProtocol), rest[:n], &h); err != nil {
			return err
		}
		rest = rest[n:]
		if h.CompressedPageSize < 0 || int64(h.CompressedPageSize) > int64(len(rest)) || h.UncompressedPageSize < 0 {
			return errors.New("a page is larger than the file")
		}
		compressed := rest[:h.CompressedPageSize]
		rest = rest[h.CompressedPageSize:]
		levels, body, err := p.contents(c.Codec, &h, compressed)
		if err != nil {
			return err
		}
		counted, err := p.page(&h, levels, body)
		if err != nil {
			return err
		}
		if unpacked != nil {
			body = p.undone.in(&h, body)
			if err := unpacked.add(h, compressed, levels, body); err != nil {
				return err
			}
		}
		p.rows -= counted
	}
	if p.rows > 0 {
		return errors.New("its pages have fewer values than the file has rows")
	}
	return nil
}

// take takes memory from the budget of the file.
func (p *pageChecker) take(bytes int64) error {
	if bytes > p.left {
		return fmt.Errorf("its contents are more than %d bytes, and may not be for a file of this size", p.limit)
	}
	p.left -= bytes
	return p.hold(2 * bytes) // a page is in memory twice: here, and in the library after that
}

// hold takes memory for one page from the budget: what the largest page needs serves the others, too.
func (p *pageChecker) hold(bytes int64) error {
	more := bytes - p.largest
	if more <= 0 {
		return nil
	}
	p.largest = bytes
	return p.budget.Hold(more)
}

// storedSize is how many bytes a value of the type has, or 0 where each has its own length.
func storedSize(t parquetgo.Type) int64 {
	switch t.Kind() {
	case parquetgo.Int32, parquetgo.Float:
		return 4
	case parquetgo.Int64, parquetgo.Double:
		return 8
	case parquetgo.Int96:
		return 12
	case parquetgo.FixedLenByteArray:
		return int64(t.Length())
	}
	return 0
}

// contents splits the levels, which are not compressed, from a page of version 2, and decompresses the rest.
func (p *pageChecker) contents(codec format.CompressionCodec, h *format.PageHeader, body []byte) (levels, rest []byte, err error) {
	plain := codec == format.Uncompressed
	if v2 := &h.DataPageHeaderV2; h.Type == format.DataPageV2 && v2.Valid {
		size := int64(v2.V.DefinitionLevelsByteLength)
		if v2.V.RepetitionLevelsByteLength != 0 || size < 0 || size > int64(len(body)) {
			return nil, nil, errors.New("a page's levels are larger than the page")
		}
		levels, body = body[:size], body[size:]
		if c := v2.V.IsCompressed; c.Valid && !c.V {
			plain = true
		}
	}
	size := int64(len(body))
	if !plain {
		if size, err = decompressedSize(codec, body, p.left); err != nil {
			return nil, nil, err
		}
	}
	size = max(size, int64(h.UncompressedPageSize))
	if err := p.take(size); err != nil {
		return nil, nil, err
	}
	if plain {
		return levels, body, nil
	}
	if codec == format.Lz4 {
		blocks, size, err := lz4Blocks(body)
		if err != nil {
			return nil, nil, err
		}
		rest, err = decompressLZ4(blocks, size)
		return levels, rest, err
	}
	rest, err = parquetgo.LookupCompressionCodec(codec).Decode(make([]byte, 0, size), body)
	return levels, rest, err
}
