package series

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/parquet-go/parquet-go/format"
)

var errPage = errors.New("a compressed page is damaged")

// unpackedSize tells, at most, how many bytes a compressed page becomes, without making room for them. It stops counting
// beyond a limit.
func unpackedSize(codec format.CompressionCodec, body []byte, limit int64) (int64, error) {
	switch codec {
	case format.Snappy:
		size, n := binary.Uvarint(body)
		if n <= 0 || size > 1<<32 {
			return 0, errPage
		}
		return int64(size), nil
	case format.Gzip:
		r, err := gzip.NewReader(bytes.NewReader(body))
		if err != nil {
			return 0, errPage
		}
		return io.Copy(io.Discard, io.LimitReader(r, limit+1))
	case format.Zstd:
		return zstdSize(body)
	}
	return 0, fmt.Errorf("the compression %s is not supported: use none, snappy, gzip or zstd", codec)
}

// maxZstdBlock is the most bytes that a block of Zstandard becomes (RFC 8878, section 3.1.1.2).
const maxZstdBlock = 128 << 10

// zstdSize walks over the frames and blocks of Zstandard (RFC 8878, section 3.1.1) and adds up what they can become.
func zstdSize(b []byte) (int64, error) {
	var total int64
	for len(b) > 0 {
		if len(b) < 5 || binary.LittleEndian.Uint32(b) != 0xFD2FB528 {
			return 0, errPage
		}
		descriptor := b[4]
		single := descriptor >> 5 & 1
		header := 5 + int(1-single) + [4]int{0, 1, 2, 4}[descriptor&3] + [4]int{int(single), 2, 4, 8}[descriptor>>6]
		size, rest, err := zstdBlocks(b[min(header, len(b)):])
		if err != nil {
			return 0, err
		}
		if checksum := int(descriptor >> 2 & 1); checksum == 1 {
			rest = rest[min(4, len(rest)):]
		}
		total += size
		b = rest
	}
	return total, nil
}

// zstdBlocks walks over the blocks of a frame, and returns what follows them.
func zstdBlocks(b []byte) (int64, []byte, error) {
	var total int64
	for {
		if len(b) < 3 {
			return 0, nil, errPage
		}
		header := uint32(b[0]) | uint32(b[1])<<8 | uint32(b[2])<<16
		last, kind, size := header&1, header>>1&3, int(header>>3)
		b = b[3:]
		switch kind {
		case 0: // as it is
			total += int64(size)
		case 1: // one byte, repeated
			total += int64(size)
			size = 1
		default:
			total += maxZstdBlock
		}
		if size > len(b) {
			return 0, nil, errPage
		}
		b = b[size:]
		if last == 1 {
			return total, b, nil
		}
	}
}
