// Package format names the file formats of series, by ending and by content type. It reads and writes none of them, so
// that a program can tell a format without the libraries for all.
package format

import (
	"errors"
	"fmt"
	"mime"
	"path/filepath"
	"strings"
)

// Format is a file format.
type Format string

// The formats that can be read and written.
const (
	CSV     Format = "csv"
	Parquet Format = "parquet"
	Arrow   Format = "arrow"
)

// ErrUnknown says that a file's ending or a content type is not that of a format of this package.
var ErrUnknown = errors.New("the format must be csv, parquet or arrow")

// Of tells the format by a file name's ending: .csv, .parquet or .arrow.
func Of(path string) (Format, error) {
	switch f := Format(strings.ToLower(strings.TrimPrefix(filepath.Ext(path), "."))); f {
	case CSV, Parquet, Arrow:
		return f, nil
	}
	return "", fmt.Errorf("%s: %w", path, ErrUnknown)
}

// OfContent tells the format by a Content-Type: text/csv, application/vnd.apache.parquet or
// application/vnd.apache.arrow.file; parameters do not matter.
func OfContent(contentType string) (Format, error) {
	media, _, err := mime.ParseMediaType(contentType)
	if err != nil {
		return "", fmt.Errorf("content type %q: %w", contentType, ErrUnknown)
	}
	for _, f := range []Format{CSV, Parquet, Arrow} {
		if media == f.ContentType() {
			return f, nil
		}
	}
	return "", fmt.Errorf("content type %q: %w", contentType, ErrUnknown)
}

// ContentType is the media type of the format, as IANA has it.
func (f Format) ContentType() string {
	switch f {
	case CSV:
		return "text/csv"
	case Parquet:
		return "application/vnd.apache.parquet"
	case Arrow:
		return "application/vnd.apache.arrow.file"
	}
	return ""
}
