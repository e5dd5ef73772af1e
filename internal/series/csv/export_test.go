package csv

import "foliocast/internal/series"

// ReadInParts is Read in parts of about the given number of bytes, or row by row with one reader.
func ReadInParts(data []byte, o series.Options, bytes, readers int) (*series.Table, *series.Audit, error) {
	return read(data, o, parts{bytes, readers})
}
