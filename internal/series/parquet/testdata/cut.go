// This program cuts the first 111 rows of three columns from alltypes_tiny_pages.parquet of github.com/apache/parquet-testing
// (Apache-2.0, written by parquet-mr 1.12 from data of Impala): go run cut.go alltypes_tiny_pages.parquet alltypes.parquet. It
// copies the pages as they are, except that it shortens the dictionary of the times.
package main

import (
	"bytes"
	"encoding/binary"
	"os"
	"slices"

	parquetgo "github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"
)

const rows = 111 // a multiple of the pages of all three columns

func main() {
	in, err := os.ReadFile(os.Args[1])
	check(err)
	file, err := parquetgo.OpenFile(bytes.NewReader(in), int64(len(in)))
	check(err)
	meta := file.Metadata()
	out := []byte("PAR1")
	schema := thrift.Slice[format.SchemaElement]{meta.Schema[0]}
	var chunks thrift.Slice[format.ColumnChunk]
	for i, chunk := range meta.RowGroups[0].Columns {
		m := chunk.MetaData
		if !slices.Contains([]string{"tinyint_col", "timestamp_col", "double_col"}, m.PathInSchema[0]) {
			continue
		}
		pages := in[m.DataPageOffset:][:m.TotalCompressedSize] // the dictionary is first: the file does not say where it is
		m.DataPageOffset = int64(len(out))
		for left := int64(rows); left > 0; {
			var h format.PageHeader
			r := bytes.NewReader(pages)
			check(thrift.NewDecoder(new(thrift.CompactProtocol).NewReader(r)).Decode(&h))
			header := pages[:len(pages)-r.Len()]
			body := pages[len(header):][:h.CompressedPageSize]
			pages = pages[len(header)+len(body):]
			if h.Type == format.DictionaryPage && m.Type == format.Int96 {
				body = body[:12*rows]
				h.DictionaryPageHeader.V.NumValues, h.CompressedPageSize, h.UncompressedPageSize, h.CRC = rows, 12*rows, 12*rows, 0
				header, err = thrift.Marshal(new(thrift.CompactProtocol), &h)
				check(err)
			}
			if h.Type == format.DataPage {
				left -= int64(h.DataPageHeader.V.NumValues)
			}
			out = append(append(out, header...), body...)
		}
		m.NumValues, m.TotalCompressedSize = rows, int64(len(out))-m.DataPageOffset
		m.TotalUncompressedSize, m.Statistics, m.EncodingStats = m.TotalCompressedSize, format.Statistics{}, nil
		chunks = append(chunks, format.ColumnChunk{FileOffset: m.DataPageOffset, MetaData: m})
		schema = append(schema, meta.Schema[1+i])
	}
	schema[0].NumChildren = thrift.New[int32](3)
	footer, err := thrift.Marshal(new(thrift.CompactProtocol), &format.FileMetaData{Version: meta.Version, Schema: schema, NumRows: rows, CreatedBy: meta.CreatedBy,
		RowGroups: thrift.Slice[format.RowGroup]{{Columns: chunks, NumRows: rows, TotalByteSize: int64(len(out))}}})
	check(err)
	out = append(binary.LittleEndian.AppendUint32(append(out, footer...), uint32(len(footer))), "PAR1"...)
	check(os.WriteFile(os.Args[2], out, 0o644))
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}
