package series

import (
	"errors"
	"fmt"
	"io"
	"mime"
	"os"
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

// ErrFormat says that a file's ending or a content type names no format of this package.
var ErrFormat = errors.New("the format is none of csv, parquet, arrow")

// FormatOf tells the format by a file name's ending: .csv, .parquet or .arrow.
func FormatOf(path string) (Format, error) {
	switch f := Format(strings.ToLower(strings.TrimPrefix(filepath.Ext(path), "."))); f {
	case CSV, Parquet, Arrow:
		return f, nil
	}
	return "", fmt.Errorf("%s: %w", path, ErrFormat)
}

// FormatOfContent tells the format by a Content-Type: text/csv, application/vnd.apache.parquet or
// application/vnd.apache.arrow.file; parameters do not matter.
func FormatOfContent(contentType string) (Format, error) {
	media, _, err := mime.ParseMediaType(contentType)
	if err != nil {
		return "", fmt.Errorf("content type %q: %w", contentType, ErrFormat)
	}
	for _, f := range []Format{CSV, Parquet, Arrow} {
		if media == f.ContentType() {
			return f, nil
		}
	}
	return "", fmt.Errorf("content type %q: %w", contentType, ErrFormat)
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

// ReadFile reads a file in the format that its ending names; .tsv and .txt are read as CSV, too. A file that [Table.WriteArrow] wrote is mapped, not
// copied; Close gives it back. Unlike [OpenArrow] it looks at every value of such a file, because it may come from
// anywhere. A file that is no good gives a [RejectError].
func ReadFile(path string, o Options) (*Table, *Audit, error) {
	format, err := FormatOf(path)
	if err != nil {
		ending := strings.ToLower(filepath.Ext(path))
		if ending != ".tsv" && ending != ".txt" {
			return nil, nil, err
		}
		format = CSV
	}
	data, unmap, err := mapFile(path)
	if err != nil {
		return nil, nil, err
	}
	t, audit, err := readBytes(data, format, o)
	if err == nil && t.stored {
		t.release = unmap
		return t, audit, nil
	}
	if closeErr := unmap(); err == nil && closeErr != nil {
		return nil, nil, closeErr
	}
	return t, audit, err
}

// Read reads a whole body in the given format into memory. The caller bounds its length.
func Read(r io.Reader, f Format, o Options) (*Table, *Audit, error) {
	data, err := io.ReadAll(r)
	if err != nil {
		return nil, nil, fmt.Errorf("read series: %w", err)
	}
	return readBytes(data, f, o)
}

// ReadCSV is [Read] for CSV, in the long or the wide form.
func ReadCSV(r io.Reader, o Options) (*Table, *Audit, error) { return Read(r, CSV, o) }

// ReadArrow is [Read] for an Arrow IPC file, in the stored, the long or the wide form.
func ReadArrow(r io.Reader, o Options) (*Table, *Audit, error) { return Read(r, Arrow, o) }

// ReadParquet reads a Parquet file of size bytes, in the long or the wide form.
func ReadParquet(r io.ReaderAt, size int64, o Options) (*Table, *Audit, error) {
	data, err := io.ReadAll(io.NewSectionReader(r, 0, size))
	if err != nil {
		return nil, nil, fmt.Errorf("read series: %w", err)
	}
	return readBytes(data, Parquet, o)
}

// readBytes reads a file in memory. The table aliases data only if it is stored.
func readBytes(data []byte, f Format, o Options) (*Table, *Audit, error) {
	if err := o.check(); err != nil {
		return nil, nil, err
	}
	if len(data) == 0 {
		return nil, nil, reject("the file is empty")
	}
	switch f {
	case CSV:
		return readCSV(data, o)
	case Parquet:
		return readParquet(data, o)
	case Arrow:
		return readArrow(data, o)
	}
	return nil, nil, fmt.Errorf("%q: %w", f, ErrFormat)
}

// exists turns the error of a missing file into a sentence for the person who named it.
func exists(path string, err error) error {
	if errors.Is(err, os.ErrNotExist) {
		return missingFile(path)
	}
	return err
}

// missingFile is the path of a file that is not there. It is an [os.ErrNotExist].
type missingFile string

func (m missingFile) Error() string { return "there is no file " + string(m) }

// Is reports whether target is the error for what does not exist.
func (m missingFile) Is(target error) bool { return target == os.ErrNotExist }
