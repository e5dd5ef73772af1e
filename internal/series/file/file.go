// Package file reads and writes tables of series in the format that the ending of a file's name says. It is the only one of
// the packages of series that knows all formats.
package file

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"

	"foliocast/internal/series"
	"foliocast/internal/series/arrow"
	"foliocast/internal/series/csv"
	"foliocast/internal/series/format"
	"foliocast/internal/series/json"
	"foliocast/internal/series/mapfile"
	"foliocast/internal/series/parquet"
)

// Read reads a file in the format that its ending names: see [format.OfInput]. A file that [arrow.Write]
// wrote is mapped, not copied, until the table's Close. Read returns a [series.RejectError] for a file that it rejects, and a
// [series.FieldError] for an option that does not fit the file.
func Read(path string, o series.Options) (*series.Table, *series.Audit, error) {
	return read(path, o, func([]byte) func() { return func() {} })
}

// ReadSummed is [Read], and returns the SHA-256 of the bytes that it reads, in lower-case hexadecimal. The sum is made at the same
// time by another goroutine.
func ReadSummed(path string, o series.Options) (t *series.Table, audit *series.Audit, sum string, err error) {
	t, audit, err = read(path, o, func(data []byte) (wait func()) {
		done := make(chan struct{})
		go func() {
			defer close(done)
			all := sha256.Sum256(data)
			sum = hex.EncodeToString(all[:])
		}()
		return func() { <-done }
	})
	return t, audit, sum, err
}

// read maps a file and reads it. Also is told of the mapping, and what it returns is waited for before the mapping can end.
func read(path string, o series.Options, also func([]byte) (wait func())) (*series.Table, *series.Audit, error) {
	f, err := format.OfInput(path)
	if err != nil {
		return nil, nil, err
	}
	data, unmap, err := mapfile.Open(path)
	if err != nil {
		return nil, nil, err
	}
	wait := also(data)
	if f == format.Arrow {
		defer wait()
		t, audit, err := arrow.ReadMapped(data, func() error { wait(); return unmap() }, o)
		if err == nil && o.Onto != nil && audit.Form == "stored" {
			return appendStored(t, o)
		}
		return t, audit, err
	}
	parse := csv.Read
	switch f {
	case format.Parquet:
		parse = parquet.Read
	case format.JSON:
		parse = json.Read
	}
	t, audit, err := parse(data, o)
	wait()
	if closeErr := unmap(); err == nil && closeErr != nil {
		return nil, nil, closeErr
	}
	return t, audit, err
}

// appendStored appends a stored table. What comes out shares its memory.
func appendStored(t *series.Table, o series.Options) (*series.Table, *series.Audit, error) {
	out, audit, err := series.AppendTable(t, o)
	if err != nil {
		return nil, audit, errors.Join(err, t.Close())
	}
	out.OnClose(t.Close)
	return out, audit, nil
}

// Write writes a table in a format, which for Arrow is the stored form that [arrow.Open] maps.
func Write(w io.Writer, t *series.Table, f format.Format) error {
	switch f {
	case format.CSV:
		return csv.Write(w, t)
	case format.Parquet:
		return parquet.Write(w, t)
	case format.Arrow:
		return arrow.Write(w, t)
	}
	return fmt.Errorf("%q: %w", f, format.ErrUnknown)
}
