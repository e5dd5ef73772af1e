package nixtla

import (
	"bytes"
	"errors"
	"io"

	"foliocast/internal/problem"
	"foliocast/internal/unpack"
)

// Unpack reads a body with the given Content-Encoding: none, zstd or gzip. It reads at most so many bytes of what comes out, and
// asks hold before it takes memory. The error is a problem, or that of hold.
func Unpack(body io.Reader, encoding string, most int64, hold func(bytes int64) error) ([]byte, error) {
	plain, end, err := unpack.Body(body, encoding)
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
