package parquet

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"

	parquetgo "github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"
)

// unpackedColumn collects the decompressed pages of a column in one row group, as a Parquet file of that column alone.
// It is for LZ4_RAW: the library (parquet-go 0.32) decompresses a page into memory of its own choice, and then reads what
// stood in another place, unless the memory that it happened to have was large enough.
type unpackedColumn struct {
	data []byte
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
