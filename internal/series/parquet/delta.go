package parquet

import (
	"encoding/binary"
	"errors"
	"math"
)

var errDelta = errors.New("a page with the encoding DELTA_BINARY_PACKED is damaged")

// maxDeltaBlock is the most numbers that a block of DELTA_BINARY_PACKED may have; programs write 128.
const maxDeltaBlock = 1 << 16

// deltaHeader begins numbers with the encoding DELTA_BINARY_PACKED.
type deltaHeader struct {
	perPart uint64 // numbers in a part of a block
	parts   uint64 // parts in a block
	total   uint64
	first   int64
}

// readDeltaHeader reads the header, and returns what follows it.
func readDeltaHeader(b []byte) (h deltaHeader, rest []byte, err error) {
	var fields [3]uint64 // the size of a block, its parts, the number of values
	for i := range fields {
		v, n := binary.Uvarint(b)
		if n <= 0 {
			return h, nil, errPageEnds
		}
		fields[i], b = v, b[n:]
	}
	first, n := binary.Varint(b)
	if n <= 0 {
		return h, nil, errPageEnds
	}
	block, parts := fields[0], fields[1]
	if block == 0 || block > maxDeltaBlock || block%128 != 0 || parts == 0 || block%parts != 0 || block/parts%32 != 0 {
		return h, nil, errDelta
	}
	return deltaHeader{block / parts, parts, fields[2], first}, b[n:], nil
}

// unpackDeltas reads numbers with the encoding DELTA_BINARY_PACKED, which must be as many as the page needs, and returns
// them and what follows them. Their sums wrap around, as the format says.
func unpackDeltas(b []byte, need int64) (numbers []int64, rest []byte, err error) {
	h, b, err := readDeltaHeader(b)
	switch {
	case err != nil:
		return nil, nil, err
	case h.total > uint64(need):
		return nil, nil, errPageMore
	case h.total < uint64(need):
		return nil, nil, errPageFewer
	}
	numbers = make([]int64, 0, need)
	last := h.first
	numbers = append(numbers, last)
	for uint64(len(numbers)) < h.total {
		least, n := binary.Varint(b)
		if n <= 0 || h.parts > uint64(len(b)-n) {
			return nil, nil, errPageEnds
		}
		widths := b[n : n+int(h.parts)]
		b = b[n+int(h.parts):]
		for _, width := range widths {
			want := min(h.perPart, h.total-uint64(len(numbers)))
			if want == 0 {
				break
			}
			size := h.perPart * uint64(width) / 8
			if width > 64 {
				return nil, nil, errDelta
			}
			if size > uint64(len(b)) {
				return nil, nil, errPageEnds
			}
			for k := range want {
				last += least + int64(bitsAt(b, k*uint64(width), uint64(width)))
				numbers = append(numbers, last)
			}
			b = b[size:]
		}
	}
	return numbers, b, nil
}

// bitsAt is the number of the given width that begins at a bit.
func bitsAt(b []byte, at, width uint64) uint64 {
	var n uint64
	for got := uint64(0); got < width; {
		in := (at + got) % 8
		n |= uint64(b[(at+got)/8]>>in) << got
		got += 8 - in
	}
	if width < 64 {
		n &= 1<<width - 1
	}
	return n
}

// checkLengths checks the lengths of texts that must fit into the given size.
func checkLengths(lengths []int64, size int) error {
	left := int64(size)
	for _, n := range lengths {
		if n < 0 || n > left {
			return errors.New("the texts of a page are longer than the page")
		}
		left -= n
	}
	return nil
}

// sharedPrefixes checks texts with the encoding DELTA_BYTE_ARRAY: each is a beginning of the one before, and what follows.
// A few bytes can so become very long texts, for which sharedPrefixes takes the memory from the budget of the file.
func (p *pageChecker) sharedPrefixes(body []byte, need int64) error {
	prefixes, body, err := unpackDeltas(body, need)
	if err != nil {
		return err
	}
	suffixes, body, err := unpackDeltas(body, need)
	if err != nil {
		return err
	}
	if err := checkLengths(suffixes, len(body)); err != nil {
		return err
	}
	var last, total int64
	for k, n := range prefixes {
		if n < 0 || n > last {
			return errors.New("a text of a page has more in common with the one before than that one is long")
		}
		last = n + suffixes[k]
		if total = min(total+last, math.MaxInt64/2); last > math.MaxInt32 {
			return errors.New("a text of a page has more than 2^31 bytes")
		}
	}
	return p.take(total)
}
