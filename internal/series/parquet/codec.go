package parquet

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

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
		return io.Copy(io.Discard, io.LimitReader(r, limit+1))
	case format.Zstd:
		return guard.ZstdSize(body)
	}
	return 0, fmt.Errorf("the compression %s is not supported: use none, snappy, gzip or zstd", codec)
}
