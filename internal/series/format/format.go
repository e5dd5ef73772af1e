// Package format names the file formats of series and finds them by ending and by content type. It does not read or write
// them, so it needs none of their libraries.
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

// The formats that package file reads and writes.
const (
	CSV     Format = "csv"
	Parquet Format = "parquet"
	Arrow   Format = "arrow"
	JSON    Format = "json" // records, which are read and not written
)

// ErrUnknown is the error for an ending or a content type that belongs to no format.
var ErrUnknown = errors.New("the format must be csv, parquet or arrow")

// unknownInput is ErrUnknown for a file to read.
type unknownInput struct{}

func (unknownInput) Error() string { return "the format must be csv, json, parquet or arrow" }

func (unknownInput) Unwrap() error { return ErrUnknown }

// Of finds the format by the ending of a file's name: .csv, .parquet or .arrow.
func Of(path string) (Format, error) {
	switch f := Format(strings.ToLower(strings.TrimPrefix(filepath.Ext(path), "."))); f {
	case CSV, Parquet, Arrow:
		return f, nil
	}
	return "", fmt.Errorf("%s: %w", path, ErrUnknown)
}

// OfInput finds the format of a file to read by the ending of its name: those of [Of], .tsv and .txt for CSV, .pq and .parq for
// Parquet, .arrows, .ipc and .feather for Arrow, whose readers tell a file from a stream by its content, and .json, .ndjson and
// .jsonl for JSON.
func OfInput(path string) (Format, error) {
	switch strings.ToLower(filepath.Ext(path)) {
	case ".tsv", ".txt":
		return CSV, nil
	case ".pq", ".parq":
		return Parquet, nil
	case ".arrows", ".ipc", ".feather":
		return Arrow, nil
	case ".json", ".ndjson", ".jsonl":
		return JSON, nil
	}
	if f, err := Of(path); err == nil {
		return f, nil
	}
	return "", fmt.Errorf("%s: %w", path, unknownInput{})
}

// OfPacked finds the format of a file to read as [OfInput] does, after the ending of a file that is packed: .gz or .zst.
func OfPacked(path string) (Format, error) {
	return OfInput(Unpacked(path))
}

// Unpacked is the name of a file without the ending .gz or .zst.
func Unpacked(path string) string {
	switch ending := filepath.Ext(path); strings.ToLower(ending) {
	case ".gz", ".zst":
		return strings.TrimSuffix(path, ending)
	}
	return path
}

// ArrowStream is the media type of an Arrow IPC stream, as IANA registers it. It is read as [Arrow], and not written as a
// table of series.
const ArrowStream = "application/vnd.apache.arrow.stream"

// JSONLines is the media type of records one after the other, which are read as [JSON].
const JSONLines = "application/x-ndjson"

// OfContent finds the format by a Content-Type: text/csv, application/json, application/vnd.apache.parquet,
// application/vnd.apache.arrow.file, [ArrowStream] or [JSONLines]. It ignores parameters.
func OfContent(contentType string) (Format, error) {
	media, _, err := mime.ParseMediaType(contentType)
	if err != nil {
		return "", fmt.Errorf("content type %q: %w", contentType, ErrUnknown)
	}
	switch media {
	case ArrowStream:
		return Arrow, nil
	case JSONLines:
		return JSON, nil
	}
	for _, f := range []Format{CSV, Parquet, Arrow, JSON} {
		if media == f.ContentType() {
			return f, nil
		}
	}
	return "", fmt.Errorf("content type %q: %w", contentType, ErrUnknown)
}

// ContentType is the media type of the format, as IANA registers it.
func (f Format) ContentType() string {
	switch f {
	case CSV:
		return "text/csv"
	case Parquet:
		return "application/vnd.apache.parquet"
	case Arrow:
		return "application/vnd.apache.arrow.file"
	case JSON:
		return "application/json"
	}
	return ""
}
