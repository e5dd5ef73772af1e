package parquet

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

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
	data []byte
	left int64 // how many more bytes pages may become
}

// checkFooter checks that the file has a footer, and that the footer holds what it claims to hold.
func checkFooter(data []byte) error {
	end := len(data) - 8
	if end < 4 || string(data[:4]) != magic || string(data[end+4:]) != magic {
		return series.Reject("not a Parquet file, or one that is cut off or encrypted")
	}
	size := int64(binary.LittleEndian.Uint32(data[end:]))
	if size > int64(end)-4 {
		return series.Reject("the Parquet file is cut off: its footer would have %d bytes", size)
	}
	if _, err := thriftLength(data[int64(end)-size : end]); err != nil {
		return series.Reject("the footer of the Parquet file is damaged")
	}
	return nil
}

// column checks the pages of a column in one row group.
func (p *pageChecker) column(c *format.ColumnMetaData, rows int64, optional bool) error {
	from := c.DataPageOffset
	if c.DictionaryPageOffset != 0 {
		from = c.DictionaryPageOffset
	}
	size := int64(len(p.data))
	if from < 0 || c.TotalCompressedSize < 0 || from > size || c.TotalCompressedSize > size-from {
		return errors.New("it is outside the file")
	}
	rest := p.data[from : from+c.TotalCompressedSize]
	for len(rest) > 0 && rows > 0 {
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
		body, err := p.decompress(c.Codec, &h, rest[:h.CompressedPageSize])
		if err != nil {
			return err
		}
		rest = rest[h.CompressedPageSize:]
		counted, err := checkPage(&h, body, optional)
		if err != nil {
			return err
		}
		if rows -= counted; rows < 0 {
			return errors.New("its pages have more values than the file has rows")
		}
	}
	if rows > 0 {
		return errors.New("its pages have fewer values than the file has rows")
	}
	return nil
}

// decompress returns the body of a page without its levels, if these are not compressed with it, and decompressed.
func (p *pageChecker) decompress(codec format.CompressionCodec, h *format.PageHeader, body []byte) ([]byte, error) {
	plain := codec == format.Uncompressed
	if v2 := &h.DataPageHeaderV2; h.Type == format.DataPageV2 && v2.Valid {
		levels := int64(v2.V.RepetitionLevelsByteLength) + int64(v2.V.DefinitionLevelsByteLength)
		if v2.V.RepetitionLevelsByteLength != 0 || v2.V.DefinitionLevelsByteLength < 0 || levels > int64(len(body)) {
			return nil, errors.New("a page's levels are larger than the page")
		}
		body = body[levels:]
		if c := v2.V.IsCompressed; c.Valid && !c.V {
			plain = true
		}
	}
	size, err := int64(len(body)), error(nil)
	if !plain {
		if size, err = decompressedSize(codec, body, p.left); err != nil {
			return nil, err
		}
	}
	if size = max(size, int64(h.UncompressedPageSize)); size > p.left {
		return nil, fmt.Errorf("its contents are more than %d times the size of the file", guard.MaxExpansion)
	}
	p.left -= size
	if plain {
		return body, nil
	}
	return parquetgo.LookupCompressionCodec(codec).Decode(nil, body)
}

// plainDictionary is what version 1 of the format calls RLEDictionary.
const plainDictionary format.Encoding = 2

// encodings are the encodings of values that checkPage knows.
var encodings = []format.Encoding{format.Plain, plainDictionary, format.RLEDictionary, format.DeltaBinaryPacked,
	format.DeltaLengthByteArray, format.ByteStreamSplit}

// checkPage compares the counts in a page with those in its header, and returns its number of rows. The body of a page of
// version 2 comes without levels.
func checkPage(h *format.PageHeader, body []byte, optional bool) (int64, error) {
	var values int64
	var encoding format.Encoding
	levels := false
	switch {
	case h.Type == format.DataPage && h.DataPageHeader.Valid:
		values, encoding, levels = int64(h.DataPageHeader.V.NumValues), h.DataPageHeader.V.Encoding, optional
		if levels && h.DataPageHeader.V.DefinitionLevelEncoding != format.RLE {
			return 0, fmt.Errorf("the encoding %s of its levels is not supported", h.DataPageHeader.V.DefinitionLevelEncoding)
		}
	case h.Type == format.DataPageV2 && h.DataPageHeaderV2.Valid:
		values, encoding = int64(h.DataPageHeaderV2.V.NumValues), h.DataPageHeaderV2.V.Encoding
	case h.Type == format.DictionaryPage && h.DictionaryPageHeader.Valid:
		if n := int64(h.DictionaryPageHeader.V.NumValues); n < 0 || n > int64(len(body)) {
			return 0, errors.New("its dictionary has more values than bytes")
		}
		return 0, nil
	default:
		return 0, errors.New("a page is of an unknown type")
	}
	if values < 0 || values > series.MaxRows {
		return 0, fmt.Errorf("a page claims %d values", values)
	}
	if levels {
		if len(body) < 4 || int64(binary.LittleEndian.Uint32(body)) > int64(len(body))-4 {
			return 0, errors.New("a page's levels are larger than the page")
		}
		n := binary.LittleEndian.Uint32(body)
		if err := checkRuns(body[4:4+n], 1, values); err != nil {
			return 0, err
		}
		body = body[4+n:]
	}
	if !slices.Contains(encodings, encoding) {
		return 0, fmt.Errorf("the encoding %s is not supported", encoding)
	}
	return values, checkValues(encoding, body, values)
}

// checkValues checks the counts in the encodings that have any.
func checkValues(encoding format.Encoding, body []byte, values int64) error {
	switch encoding {
	case plainDictionary, format.RLEDictionary:
		if len(body) == 0 {
			return nil
		}
		if body[0] > 32 {
			return errors.New("the indices into the dictionary have more than 32 bits")
		}
		return checkRuns(body[1:], int(body[0]), values)
	case format.DeltaBinaryPacked, format.DeltaLengthByteArray:
		for range 2 { // the size of a block and the number of its parts
			_, n := binary.Uvarint(body)
			if n <= 0 {
				return errors.New("a page ends early")
			}
			body = body[n:]
		}
		if total, n := binary.Uvarint(body); n <= 0 || total > uint64(values) {
			return errors.New("a page has more values than it claims")
		}
	}
	return nil
}

// checkRuns walks over numbers in Parquet's hybrid of runs and bit-packed groups of eight. There may be no more than the page
// has values, except that the last group is full.
func checkRuns(b []byte, width int, values int64) error {
	left := uint64(values) + 64
	for len(b) > 0 {
		header, n := binary.Uvarint(b)
		if n <= 0 {
			return errors.New("a page ends early")
		}
		b = b[n:]
		count, size := header>>1, uint64(width+7)/8
		if header&1 != 0 {
			if count > left {
				return errors.New("a page has more values than it claims")
			}
			size = count * uint64(width)
			count *= 8
		}
		if count > left {
			return errors.New("a page has more values than it claims")
		}
		left -= count
		b = b[min(size, uint64(len(b))):]
	}
	return nil
}
