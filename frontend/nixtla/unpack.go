package nixtla

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"strings"

	"github.com/klauspost/compress/zstd"

	"foliocast/internal/problem"
)

// maxWindow is the largest window of Zstandard: the one that RFC 8878, section 3.1.1.1.2, recommends every decoder to support.
const maxWindow = 8 << 20

// Unpack reads a body with the given Content-Encoding: none, zstd or gzip. It reads at most so many bytes of what comes out, and
// asks hold before it takes memory. The error is a problem, or that of hold.
func Unpack(body io.Reader, encoding string, most int64, hold func(bytes int64) error) ([]byte, error) {
	plain, end, err := decoder(body, encoding)
	if err != nil {
		return nil, err
	}
	defer end()
	const step = 256 << 10
	var out bytes.Buffer
	for {
		if err := hold(step); err != nil {
			return nil, err
		}
		out.Grow(step)
		n, err := io.CopyN(&out, plain, step)
		switch {
		case int64(out.Len()) > most:
			return nil, problem.Newf(problem.TooLarge, "the body has more than %d bytes once it is unpacked: divide the series over several requests, as num_partitions does", most)
		case errors.Is(err, io.EOF):
			return out.Bytes(), nil
		case err != nil && encoding != "":
			return nil, problem.Newf(problem.Malformed, "the body is not what its Content-Encoding says, %s", encoding).Because(err)
		case err != nil:
			return nil, err
		case n == 0:
			return out.Bytes(), nil
		}
	}
}

// decoder unpacks a body, and is ended after that.
func decoder(body io.Reader, encoding string) (plain io.Reader, end func(), err error) {
	switch strings.ToLower(strings.TrimSpace(encoding)) {
	case "", "identity":
		return body, func() {}, nil
	case "gzip", "x-gzip":
		z, err := gzip.NewReader(body)
		if err != nil {
			return nil, nil, problem.New(problem.Malformed, "the body is not what its Content-Encoding says, gzip").Because(err)
		}
		return z, func() { _ = z.Close() }, nil
	case "zstd":
		z, err := zstd.NewReader(body, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(maxWindow))
		if err != nil {
			return nil, nil, problem.New(problem.Malformed, "the body is not what its Content-Encoding says, zstd").Because(err)
		}
		return z, z.Close, nil
	}
	return nil, nil, problem.Newf(problem.UnsupportedMedia, "a body is sent as it is, or with the Content-Encoding zstd or gzip, and not %.20q", encoding)
}
