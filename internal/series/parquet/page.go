package parquet

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"github.com/parquet-go/parquet-go/format"
)

// plainDictionary is what version 1 of the format calls RLEDictionary.
const plainDictionary format.Encoding = 2

// encodings are the encodings of values that pageChecker knows.
var encodings = []format.Encoding{format.Plain, plainDictionary, format.RLEDictionary, format.DeltaBinaryPacked,
	format.DeltaLengthByteArray, format.DeltaByteArray, format.ByteStreamSplit}

var (
	errPageEnds  = errors.New("a page ends early")
	errPageMore  = errors.New("a page has more values than it claims")
	errPageFewer = errors.New("a page has fewer values than it claims")
)

// page compares the counts in a page with those in its header, and returns its number of rows. The body of a page of
// version 2 comes without its levels.
func (p *pageChecker) page(h *format.PageHeader, levels, body []byte) (int64, error) {
	p.undone = nil
	switch {
	case h.Type == format.DataPage && h.DataPageHeader.Valid:
		return p.pageV1(&h.DataPageHeader.V, body)
	case h.Type == format.DataPageV2 && h.DataPageHeaderV2.Valid:
		return p.pageV2(&h.DataPageHeaderV2.V, levels, body)
	case h.Type == format.DictionaryPage && h.DictionaryPageHeader.Valid:
		n := int64(h.DictionaryPageHeader.V.NumValues)
		if n < 0 || n > int64(len(body)) {
			return 0, errors.New("its dictionary has more values than bytes")
		}
		p.words = n
		return 0, p.plain(body, n)
	}
	return 0, errors.New("a page is of an unknown type")
}

// pageV1 is page for a data page of version 1, whose body begins with the levels of a column that may have nulls.
func (p *pageChecker) pageV1(h *format.DataPageHeader, body []byte) (int64, error) {
	values := int64(h.NumValues)
	if err := p.counted(values); err != nil {
		return 0, err
	}
	present := values
	if p.optional {
		if h.DefinitionLevelEncoding != format.RLE {
			return 0, fmt.Errorf("the encoding %s of its levels is not supported", h.DefinitionLevelEncoding)
		}
		if len(body) < 4 || int64(binary.LittleEndian.Uint32(body)) > int64(len(body))-4 {
			return 0, errors.New("a page's levels are larger than the page")
		}
		n := binary.LittleEndian.Uint32(body)
		var err error
		if present, err = p.runs(body[4:4+n], 1, values, 0); err != nil {
			return 0, err
		}
		body = body[4+n:]
	}
	return values, p.values(h.Encoding, body, values, present)
}

// pageV2 is page for a data page of version 2.
func (p *pageChecker) pageV2(h *format.DataPageHeaderV2, levels, body []byte) (int64, error) {
	values, present := int64(h.NumValues), int64(h.NumValues)
	if err := p.counted(values); err != nil {
		return 0, err
	}
	if p.optional {
		var err error
		if present, err = p.runs(levels, 1, values, 0); err != nil {
			return 0, err
		}
	}
	if nulls := values - present; nulls != int64(h.NumNulls) {
		return 0, fmt.Errorf("a page claims %d nulls, and has %d", h.NumNulls, nulls)
	}
	return values, p.values(h.Encoding, body, values, present)
}

// counted compares the number of values that a page claims to have with the rows that no page had before.
func (p *pageChecker) counted(values int64) error {
	if values < 0 {
		return fmt.Errorf("a page claims %d values", values)
	}
	if values > p.rows {
		return errors.New("its pages have more values than the file has rows")
	}
	return nil
}

// unpackedDelta is how many bytes of memory a number of DELTA_BINARY_PACKED takes while it is checked.
const unpackedDelta = 16

// values checks the counts in the encodings that have any. Of a page's values, which include nulls, those that are present
// are in its body.
func (p *pageChecker) values(encoding format.Encoding, body []byte, values, present int64) error {
	if !slices.Contains(encodings, encoding) {
		return fmt.Errorf("the encoding %s is not supported: write the file with another", encoding)
	}
	if present == 0 && len(body) == 0 { // the library decodes what a page of nulls has beside them, so that it must be checked
		return nil
	}
	switch encoding {
	case format.DeltaBinaryPacked, format.DeltaLengthByteArray, format.DeltaByteArray:
		if err := p.hold(unpackedDelta * present); err != nil {
			return err
		}
	}
	switch encoding {
	case format.Plain:
		return p.plain(body, present)
	case format.ByteStreamSplit:
		if p.size == 0 || int64(len(body)) != present*p.size {
			return errors.New("the streams of a page do not have the bytes of its values")
		}
	case plainDictionary, format.RLEDictionary:
		if len(body) == 0 {
			return errPageFewer
		}
		if body[0] > 32 {
			return errors.New("the indices into the dictionary have more than 32 bits")
		}
		if p.words <= 0 && present > 0 {
			return errors.New("a page has indices into a dictionary that is not there")
		}
		_, err := p.runs(body[1:], int(body[0]), present, uint64(max(p.words, 0)))
		return err
	case format.DeltaBinaryPacked:
		numbers, _, err := unpackDeltas(body, present)
		if err == nil && p.size == 4 {
			if err := p.take(4 * present); err != nil {
				return err
			}
			p.undone = undoneDeltas(numbers, len(body))
		}
		return err
	case format.DeltaLengthByteArray:
		lengths, rest, err := unpackDeltas(body, present)
		if err != nil {
			return err
		}
		return checkLengths(lengths, len(rest))
	case format.DeltaByteArray:
		return p.sharedPrefixes(body, present)
	}
	return nil
}

// plain checks that a body has the values that it claims to have, with the encoding PLAIN.
func (p *pageChecker) plain(body []byte, need int64) error {
	if p.size > 0 {
		if need > int64(len(body))/p.size {
			return errPageFewer
		}
		return nil
	}
	var count int64
	for ; len(body) > 0; count++ {
		if len(body) < 4 || int64(binary.LittleEndian.Uint32(body)) > int64(len(body))-4 {
			return errPageEnds
		}
		body = body[4+binary.LittleEndian.Uint32(body):]
	}
	switch {
	case count > need:
		return errPageMore
	case count < need:
		return errPageFewer
	}
	return nil
}
