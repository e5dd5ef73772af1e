package parquet

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/andybalholm/brotli"
	"github.com/parquet-go/parquet-go/format"

	"foliocast/internal/series/guard"
)

var errPage = errors.New("a compressed page is damaged")

// decompressedSize is the number of bytes, at most, that a compressed page becomes. It allocates no memory for them, and counts
// no further than just beyond the limit.
func decompressedSize(codec format.CompressionCodec, body []byte, limit int64) (int64, error) {
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
		return counted(r, limit)
	case format.Brotli:
		return counted(brotli.NewReader(bytes.NewReader(body)), limit)
	case format.Zstd:
		return guard.ZstdSize(body)
	case format.Lz4Raw:
		return lz4Size(body)
	}
	return 0, fmt.Errorf("the compression %s is not supported: write the file with snappy, zstd, gzip, brotli or LZ4_RAW", codec)
}

// counted is the number of bytes that can be read, and no more than just beyond the limit.
func counted(r io.Reader, limit int64) (int64, error) {
	n, err := io.Copy(io.Discard, io.LimitReader(r, limit+1))
	if err != nil {
		return 0, errPage
	}
	return n, nil
}

// lz4Size walks over the sequences of a block of LZ4 and adds up their lengths. It refuses every block that the library cannot
// decompress: the library would take it for one that needs more memory, and ask for ever more.
func lz4Size(b []byte) (int64, error) {
	var total int64
	for len(b) > 0 {
		token := b[0]
		literals, rest, err := lz4Length(int64(token>>4), b[1:])
		if err != nil || literals > int64(len(rest)) {
			return 0, errPage
		}
		total += literals
		if b = rest[literals:]; len(b) == 0 && token&15 == 0 { // the last sequence has no match
			return total, nil
		}
		if len(b) < 2 {
			return 0, errPage
		}
		offset := int64(binary.LittleEndian.Uint16(b))
		match, rest, err := lz4Length(int64(token&15), b[2:])
		if err != nil || offset == 0 || offset > total {
			return 0, errPage
		}
		total += match + 4
		b = rest
	}
	return 0, errPage
}

// lz4Length reads the bytes that follow a length of 15.
func lz4Length(length int64, b []byte) (int64, []byte, error) {
	if length < 15 {
		return length, b, nil
	}
	for k, c := range b {
		if length += int64(c); c != 255 {
			return length, b[k+1:], nil
		}
	}
	return 0, nil, errPage
}
