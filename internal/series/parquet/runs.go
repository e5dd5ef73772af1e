package parquet

import (
	"encoding/binary"
	"errors"
	"math"
	"math/bits"
)

// runSlack is how many more values than it needs the runs of one value in a page may have.
const runSlack = 64

// runs walks over numbers in Parquet's hybrid of runs and bit-packed groups of eight, of which a page needs the given count.
// There must be as many. There may be more in the last bit-packed groups: their number is a multiple of eight, and
// programs pad it further (DuckDB to 256). The library unpacks the padding too, so that runs takes the memory for it from
// the budget of the file. The needed ones must be below the given number, unless that is 0: the library takes the place of an index
// that is beyond its dictionary for granted. For numbers of one bit runs returns how many of the needed ones are 1.
func (p *pageChecker) runs(b []byte, width int, need int64, below uint64) (ones int64, err error) {
	left := uint64(max(need, 0))
	for len(b) > 0 {
		header, n := binary.Uvarint(b)
		if n <= 0 {
			return 0, errPageEnds
		}
		b = b[n:]
		count, size := header>>1, uint64(width+7)/8
		packed := header&1 != 0
		if packed {
			if count > 1<<32 {
				return 0, errPageMore
			}
			size = count * uint64(width)
			count *= 8
		}
		used := min(count, left)
		if err := p.padding(count-used, packed); err != nil {
			return 0, err
		}
		if !packed && used > 0 && size > uint64(len(b)) || packed && (used*uint64(width)+7)/8 > uint64(len(b)) {
			return 0, errPageEnds
		}
		if below > 0 && !allBelow(b, packed, used, uint64(width), below) {
			return 0, errIndex
		}
		if width == 1 {
			ones += countOnes(b, packed, used)
		}
		left -= used
		b = b[min(size, uint64(len(b))):]
	}
	if left > 0 {
		return 0, errPageFewer
	}
	return ones, nil
}

var errIndex = errors.New("a page has an index beyond its dictionary")

// allBelow reports whether the first numbers of a run, of up to 32 bits each, are below a number.
func allBelow(b []byte, packed bool, numbers, width, below uint64) bool {
	if numbers == 0 || width < 64 && uint64(1)<<width <= below {
		return true
	}
	if !packed {
		var n uint64
		for i := range (width + 7) / 8 {
			n |= uint64(b[i]) << (8 * i)
		}
		return n < below
	}
	mask := uint64(1)<<width - 1
	for k := range numbers {
		at := k * width
		if from := at / 8; from+8 <= uint64(len(b)) {
			if binary.LittleEndian.Uint64(b[from:])>>(at%8)&mask >= below {
				return false
			}
		} else if bitsAt(b, at, width) >= below {
			return false
		}
	}
	return true
}

// padding checks the values of a run beyond those that its page needs.
func (p *pageChecker) padding(count uint64, packed bool) error {
	if !packed && count > runSlack {
		return errPageMore
	}
	const size = 4 // of an unpacked number
	return p.take(int64(min(count, math.MaxInt64/size)) * size)
}

// countOnes counts the bits that are 1 among the first numbers, of one bit each, of a run.
func countOnes(b []byte, packed bool, numbers uint64) int64 {
	if numbers == 0 {
		return 0
	}
	if !packed {
		return int64(numbers) * int64(b[0]&1)
	}
	total := 0
	for _, c := range b[:numbers/8] {
		total += bits.OnesCount8(c)
	}
	if rest := numbers % 8; rest > 0 {
		total += bits.OnesCount8(b[numbers/8] << (8 - rest))
	}
	return int64(total)
}
