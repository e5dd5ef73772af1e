package parquet

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"slices"

	parquetgo "github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"
)

// unpackedColumn collects pages of a column in one row group, as a Parquet file of that column alone, in which the library
// reads what it would misread in the file as it is (parquet-go 0.32):
//
//   - It decompresses a page with LZ4_RAW into memory of its own choice, and then reads what stood in another place, unless
//     the memory that it happened to have was large enough. It does not know the older codec LZ4.
//   - In DELTA_BINARY_PACKED it reads numbers of 32 bits wrongly whose deltas have more. DuckDB writes such deltas; the sums
//     wrap around.
type unpackedColumn struct {
	data []byte
}

// needsUnpacking reports whether the library may misread a column.
func needsUnpacking(c *format.ColumnMetaData) bool {
	return c.Codec == format.Lz4Raw || c.Codec == format.Lz4 || c.Type == format.Int32 && slices.Contains(c.Encoding, format.DeltaBinaryPacked)
}

// undone are the values at the end of a page, without the encoding that they have there.
type undone struct {
	encoded int // bytes at the end of the page's body
	plain   []byte
}

// undoneDeltas are numbers of 32 bits whose deltas take the given number of bytes.
func undoneDeltas(numbers []int64, encoded int) *undone {
	u := undone{encoded, make([]byte, 0, 4*len(numbers))}
	for _, n := range numbers {
		u.plain = binary.LittleEndian.AppendUint32(u.plain, uint32(n))
	}
	return &u
}

// in puts the values, with the encoding PLAIN, into the body of a page and its header.
func (u *undone) in(h *format.PageHeader, body []byte) []byte {
	if u == nil {
		return body
	}
	if h.Type == format.DataPage {
		h.DataPageHeader.V.Encoding = format.Plain
	} else {
		h.DataPageHeaderV2.V.Encoding = format.Plain
	}
	return slices.Concat(body[:len(body)-u.encoded], u.plain)
}

func newUnpackedColumn() *unpackedColumn { return &unpackedColumn{[]byte(magic)} }

// add adds a page. It returns an error when the page's checksum, of its compressed body, does not match.
func (u *unpackedColumn) add(h format.PageHeader, compressed, levels, body []byte) error {
	if h.CRC != 0 && uint32(h.CRC) != crc32.ChecksumIEEE(compressed) {
		return errPage
	}
	size := int32(len(levels) + len(body))
	h.CRC, h.CompressedPageSize, h.UncompressedPageSize = 0, size, size
	header, err := thrift.Marshal(new(thrift.CompactProtocol), &h)
	if err != nil {
		return err
	}
	u.data = append(append(append(u.data, header...), levels...), body...)
	return nil
}

// pages ends the file, and returns the pages of its column.
func (u *unpackedColumn) pages(f field, c *format.ColumnMetaData, rows int64) (parquetgo.Pages, error) {
	size := int64(len(u.data) - len(magic))
	chunk := format.ColumnChunk{MetaData: format.ColumnMetaData{Type: c.Type, Encoding: c.Encoding, PathInSchema: thrift.Slice[string]{f.name()},
		NumValues: c.NumValues, TotalUncompressedSize: size, TotalCompressedSize: size, DataPageOffset: int64(len(magic))}}
	footer, err := thrift.Marshal(new(thrift.CompactProtocol), &format.FileMetaData{
		Version: 1, NumRows: rows,
		Schema:    thrift.Slice[format.SchemaElement]{{Name: "root", NumChildren: thrift.New[int32](1)}, f.element},
		RowGroups: thrift.Slice[format.RowGroup]{{Columns: thrift.Slice[format.ColumnChunk]{chunk}, NumRows: rows, TotalByteSize: size}},
	})
	if err != nil {
		return nil, err
	}
	u.data = append(binary.LittleEndian.AppendUint32(append(u.data, footer...), uint32(len(footer))), magic...)
	file, err := parquetgo.OpenFile(bytes.NewReader(u.data), int64(len(u.data)), parquetgo.SkipPageIndex(true), parquetgo.SkipBloomFilters(true))
	if err != nil {
		return nil, err
	}
	return file.RowGroups()[0].ColumnChunks()[0].Pages(), nil
}
