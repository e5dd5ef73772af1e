// Package file reads and writes tables of series in the format that the ending of a file's name says. It is the only one of
// the packages of series that knows all formats.
package file

import (
	"fmt"
	"io"

	"foliocast/internal/series"
	"foliocast/internal/series/arrow"
	"foliocast/internal/series/csv"
	"foliocast/internal/series/format"
	"foliocast/internal/series/mapfile"
	"foliocast/internal/series/parquet"
)

// Read reads a file in the format that its ending names: see [format.OfInput]. A file that [arrow.Write]
// wrote is mapped, not copied, until the table's Close. Read returns a [series.RejectError] for a file that it rejects, and a
// [series.FieldError] for an option that does not fit the file.
func Read(path string, o series.Options) (*series.Table, *series.Audit, error) {
	f, err := format.OfInput(path)
	if err != nil {
		return nil, nil, err
	}
	switch f {
	case format.CSV:
		return readWhole(path, o, csv.Read)
	case format.Parquet:
		return readWhole(path, o, parquet.Read)
	}
	return arrow.ReadFile(path, o)
}

// readWhole reads a file with a reader whose table does not share the file's memory.
func readWhole(path string, o series.Options, read func([]byte, series.Options) (*series.Table, *series.Audit, error)) (*series.Table, *series.Audit, error) {
	data, unmap, err := mapfile.Open(path)
	if err != nil {
		return nil, nil, err
	}
	t, audit, err := read(data, o)
	if closeErr := unmap(); err == nil && closeErr != nil {
		return nil, nil, closeErr
	}
	return t, audit, err
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
