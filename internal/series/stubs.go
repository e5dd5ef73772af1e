package series

import (
	"errors"
	"io"
)

func readParquet(r io.ReaderAt, size int64, o Options) (*Table, *Audit, error) {
	return nil, nil, errors.New("parquet: not yet")
}
func readArrow(data []byte, o Options) (*Table, *Audit, error) {
	return nil, nil, errors.New("arrow: not yet")
}

// WriteParquet writes the long form.
func (t *Table) WriteParquet(w io.Writer) error { return errors.New("parquet: not yet") }

// WriteArrow writes the stored form.
func (t *Table) WriteArrow(w io.Writer) error { return errors.New("arrow: not yet") }

// OpenArrow maps a stored file.
func OpenArrow(path string) (*Table, func() error, error) {
	return nil, nil, errors.New("arrow: not yet")
}
