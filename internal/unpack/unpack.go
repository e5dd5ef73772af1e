// Package unpack reads what is packed with gzip or Zstandard, as it comes in requests. It bounds the memory of a decoder, and
// not how much comes out: that is for its callers, who know what they have room for.
package unpack

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"io"
	"strings"

	"github.com/klauspost/compress/zstd"

	"foliocast/internal/problem"
)

// maxWindow is the largest window of Zstandard: the one that RFC 8878, section 3.1.1.1.2, recommends every decoder to support.
const maxWindow = 8 << 20

// Body unpacks a body with the given Content-Encoding: none, zstd or gzip. The caller calls end when it has read enough. The
// error is a problem.
func Body(body io.Reader, encoding string) (plain io.Reader, end func(), err error) {
	switch strings.ToLower(strings.TrimSpace(encoding)) {
	case "", "identity":
		return body, func() {}, nil
	case "gzip", "x-gzip":
		plain, end, err = unzip(body)
	case "zstd":
		plain, end, err = inflate(body)
	default:
		return nil, nil, problem.Newf(problem.UnsupportedMedia, "a body is sent as it is, or with the Content-Encoding zstd or gzip, and not %.20q", encoding)
	}
	if err != nil {
		return nil, nil, problem.Newf(problem.Malformed, "the body is not what its Content-Encoding says, %s", encoding).Because(err)
	}
	return plain, end, nil
}

// File unpacks a file that begins as gzip or Zstandard does, which no table in CSV, Parquet or Arrow does. Another file comes
// as it is.
func File(file io.Reader) (plain io.Reader, end func(), err error) {
	begun := bufio.NewReader(file)
	first, _ := begun.Peek(4) // the reader keeps an error for those who read on
	switch {
	case bytes.HasPrefix(first, []byte{0x1f, 0x8b}): // RFC 1952, section 2.3.1
		return unzip(begun)
	case bytes.Equal(first, []byte{0x28, 0xb5, 0x2f, 0xfd}): // RFC 8878, section 3.1.1
		return inflate(begun)
	}
	return begun, func() {}, nil
}

func unzip(packed io.Reader) (io.Reader, func(), error) {
	z, err := gzip.NewReader(packed)
	if err != nil {
		return nil, nil, err
	}
	return z, func() { _ = z.Close() }, nil
}

func inflate(packed io.Reader) (io.Reader, func(), error) {
	z, err := zstd.NewReader(packed, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(maxWindow))
	if err != nil {
		return nil, nil, err
	}
	return z, z.Close, nil
}
