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
	case format.Lz4:
		_, size, err := lz4Blocks(body)
		return size, err
	}
	return 0, fmt.Errorf("the compression %s is not supported: write the file with snappy, zstd, gzip, brotli or LZ4", codec)
}

// counted is the number of bytes that can be read, and no more than just beyond the limit.
func counted(r io.Reader, limit int64) (int64, error) {
	n, err := io.Copy(io.Discard, io.LimitReader(r, limit+1))
	if err != nil {
		return 0, errPage
	}
	return n, nil
}
