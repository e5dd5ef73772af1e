package arrow

import (
	"bytes"
	"fmt"

	apache "github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/ipc"

	"foliocast/internal/series"
	"foliocast/internal/series/guard"
	"foliocast/internal/series/mapfile"
)

// Open maps a file that [Write] wrote, until the table's Close. It reads the names and the axes and checks that they fit
// together; it does not read the values, which stay in the file. It returns a [series.RejectError] for any other file. The
// file must not be changed while it is open: the process crashes when it is truncated.
func Open(path string) (*series.Table, error) {
	data, unmap, err := mapfile.Open(path)
	if err != nil {
		return nil, err
	}
	t, err := openStored(data)
	if err != nil {
		_ = unmap()
		return nil, err
	}
	t.OnClose(unmap)
	return t, nil
}

// IsStored reports whether a file is in the form that [Write] writes, uncompressed. Reading such a file takes memory only for
// its names and axes.
func IsStored(path string) (bool, error) {
	data, unmap, err := mapfile.Open(path)
	if err != nil {
		return false, err
	}
	headers, err := checkHeaders(data)
	stored := err == nil && !headers.compressed && hasStoredSchema(data)
	return stored, unmap()
}

func hasStoredSchema(data []byte) bool {
	schema, err := readSchema(data)
	return err == nil && isStored(schema)
}

func readSchema(data []byte) (s *apache.Schema, err error) {
	defer guard.Recover(&s, &err)
	f, err := newFile(data, nil)
	if err != nil {
		return nil, err
	}
	return f.Schema(), nil
}

// openStored reads the stored form. The values of the table share the memory of data.
func openStored(data []byte) (t *series.Table, err error) {
	defer guard.Recover(&t, &err)
	f, err := newFile(data, nil)
	if err != nil {
		return nil, err
	}
	if !isStored(f.Schema()) {
		return nil, series.Reject("the Arrow file is not in the stored form, which mpicalc convert writes")
	}
	return readStored(f, len(data), nil)
}

// newFile reads the footer and the schema of an Arrow IPC file in memory.
func newFile(data []byte, b *series.Budget) (*ipc.FileReader, error) {
	switch {
	case bytes.HasPrefix(data, []byte(featherMagic)):
		return nil, series.Reject("a Feather file of version 1, from before 2020: write it with version 2, which is an Arrow IPC file")
	case !bytes.HasPrefix(data, []byte(magic)):
		return nil, series.Reject("not an Arrow IPC file or stream")
	}
	headers, err := checkHeaders(data)
	if err != nil {
		return nil, series.Reject("not a readable Arrow file: %v", err)
	}
	options := []ipc.Option{ipc.WithAllocator(newBounded(len(data), b)), ipc.WithBodySizeLimit(0)}
	var f *ipc.FileReader
	if headers.dictionaries > 0 { // the library's reader of mapped files does not support them
		f, err = ipc.NewFileReader(bytes.NewReader(data), options...)
	} else {
		f, err = ipc.NewMappedFileReader(data, options...)
	}
	if err != nil {
		return nil, series.Reject("not a readable Arrow file: %v", err)
	}
	return f, nil
}

// storedReader collects the assets of a stored file, record by record.
type storedReader struct {
	names  []string
	assets []series.Asset
	meta   storedMeta
}

// storedRow is the least number of bytes of a row: the bounds of three lists and two texts, and three numbers.
const storedRow = 56 // 64 in version 2

// storedAsset is about how many bytes of memory an asset of a stored file takes, beside its values and times: they stay in the
// file.
const storedAsset = 320

// readStored reads all records of the stored form from a file of the given size.
func readStored(f *ipc.FileReader, size int, b *series.Budget) (*series.Table, error) {
	meta, err := checkStored(f.Schema())
	if err != nil {
		return nil, err
	}
	if meta.assets > size/storedRow {
		return nil, series.Reject("the stored file claims %d assets, too many for its size", meta.assets)
	}
	if err := b.Hold(int64(meta.assets) * storedAsset); err != nil {
		return nil, err
	}
	s := storedReader{meta: meta, names: make([]string, 0, meta.assets), assets: make([]series.Asset, 0, meta.assets)}
	for i := range f.NumRecords() {
		if err := b.Err(); err != nil {
			return nil, err
		}
		record, err := f.RecordBatchAt(i)
		if err != nil {
			return nil, guard.Rejection(err, "record %d: %v", i+1, err)
		}
		if len(s.assets)+int(record.NumRows()) > meta.assets {
			return nil, series.Reject("the stored file claims %d assets, and has more", meta.assets)
		}
		if err := s.read(record); err != nil {
			return nil, err
		}
	}
	if len(s.assets) != meta.assets {
		return nil, series.Reject("the stored file claims %d assets, and has %d", meta.assets, len(s.assets))
	}
	t := series.NewTable(meta.kind, meta.zone, meta.shared, s.names, s.assets)
	t.SetOrigin(meta.origin)
	return t, nil
}

// read adds the assets of one record.
func (s *storedReader) read(record apache.RecordBatch) error {
	for i, c := range record.Columns() {
		if c.NullN() != 0 {
			return series.Reject("column %s of the stored file has nulls", record.ColumnName(i))
		}
	}
	step := record.Column(colStep).(*array.Int64).Int64Values()
	axes := record.Column(colAxis).(*array.Int64).Int64Values()
	first := record.Column(colFirst).(*array.Int64).Int64Values()
	freqs := record.Column(colFreq).(*array.String)
	var anchors []int64 // nil in version 1
	if !s.meta.old {
		anchors = record.Column(colAnchor).(*array.Int64).Int64Values()
	}
	times, err := readLists[int64](record.Column(colTimes))
	if err != nil {
		return err
	}
	filled, err := readLists[int32](record.Column(colFilled))
	if err != nil {
		return err
	}
	values, err := readLists[float64](record.Column(colValues))
	if err != nil {
		return err
	}
	s.addNames(record.Column(colName).(*array.String))
	for k := range step {
		var anchor int64
		if anchors != nil {
			anchor = anchors[k]
		}
		axis, err := s.axis(axes[k], times.at(k), freqs.Value(k), anchor, step[k])
		var a series.Asset
		if err == nil {
			a, err = axis.Asset(first[k], values.at(k), filled.at(k))
		}
		if err != nil {
			return series.Reject("asset %q: %v", s.names[len(s.assets)], err)
		}
		s.assets = append(s.assets, a)
	}
	return nil
}

// addNames copies the names, with one allocation.
func (s *storedReader) addNames(column *array.String) {
	n := column.Len()
	if n == 0 {
		return
	}
	ends := column.ValueOffsets()
	all := string(column.ValueBytes()) // from ends[0] on
	for k := range n {
		s.names = append(s.names, all[ends[k]-ends[0]:ends[k+1]-ends[0]])
	}
}

// axis returns the axis of the next asset, which is that of an earlier row or the row's own.
func (s *storedReader) axis(row int64, times []int64, freq string, anchor, step int64) (*series.Axis, error) {
	here := int64(len(s.assets))
	switch {
	case row >= 0 && row < here:
		return s.assets[row].Axis(), nil
	case row != here:
		return nil, fmt.Errorf("its axis is in row %d, which is not an earlier one", row)
	}
	if s.meta.old {
		return series.OldAxis(s.meta.kind, s.meta.zone, times, freq, step)
	}
	return series.NewAxis(s.meta.kind, times, freq, anchor, step)
}

// listColumn is a column of lists.
type listColumn[T any] struct {
	items []T
	ends  []int64
}

// at is the list of a row, or nil if it is empty.
func (c *listColumn[T]) at(k int) []T {
	from, to := c.ends[k], c.ends[k+1]
	if from == to {
		return nil
	}
	return c.items[from:to:to]
}

// readLists reads a column of lists. The lists are parts of one slice, which is not copied.
func readLists[T int32 | int64 | float64](column apache.Array) (listColumn[T], error) {
	list := column.(*array.LargeList)
	child := list.ListValues()
	if child.NullN() != 0 {
		return listColumn[T]{}, series.Reject("the lists of the stored file have nulls")
	}
	var items any
	switch c := child.(type) {
	case *array.Int32:
		items = c.Int32Values()
	case *array.Int64:
		items = c.Int64Values()
	case *array.Float64:
		items = c.Float64Values()
	}
	out := listColumn[T]{items: items.([]T)}
	if list.Len() > 0 {
		out.ends = list.Offsets()[:list.Len()+1]
	}
	if !aligned(out.items) || !aligned(out.ends) {
		return listColumn[T]{}, series.Reject("the numbers in the stored file are not aligned")
	}
	before := int64(0)
	for _, end := range out.ends {
		if end < before || end > int64(len(out.items)) {
			return listColumn[T]{}, series.Reject("the bounds of the lists in the stored file are out of order")
		}
		before = end
	}
	return out, nil
}
