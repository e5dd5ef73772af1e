package forecasttable

import (
	"path/filepath"
	"strings"

	"foliocast/internal/series/format"
)

// Format is a form in which an answer is written.
type Format string

// The formats, by the names that a person types.
const (
	CSV         Format = "csv"
	Arrow       Format = "arrow"  // an Arrow IPC file
	ArrowStream Format = "arrows" // an Arrow IPC stream
	Parquet     Format = "parquet"
	JSON        Format = "json"  // the whole answer, not a table
	Text        Format = "table" // for people: [WriteText]
)

// FormatOf is the format that the ending of a file's name stands for. It reports
// false for every other ending.
func FormatOf(path string) (Format, bool) {
	switch ending := strings.ToLower(strings.TrimPrefix(filepath.Ext(path), ".")); ending {
	case "csv", "arrow", "arrows", "parquet", "json":
		return Format(ending), true
	case "txt":
		return Text, true
	}
	return "", false
}

// MediaType is the format's media type, as IANA registers it.
func (f Format) MediaType() string {
	switch f {
	case CSV:
		return format.CSV.ContentType()
	case Arrow:
		return format.Arrow.ContentType()
	case ArrowStream:
		return format.ArrowStream
	case Parquet:
		return format.Parquet.ContentType()
	case JSON:
		return "application/json"
	case Text:
		return "text/plain"
	}
	return ""
}
