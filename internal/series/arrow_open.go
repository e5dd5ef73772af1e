package series

import (
	"bytes"
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/ipc"
)

// OpenArrow maps a file that [Table.WriteArrow] wrote, and returns the table with a function that gives the file back.
// It reads names, axes and places, and checks that they fit together; it does not touch the values, which lie in the
// file. A file that does not fit gives a [RejectError]. The file must not be changed while it is open: shortening it
// kills the process.
func OpenArrow(path string) (*Table, func() error, error) {
	data, unmap, err := mapFile(path)
	if err != nil {
		return nil, nil, err
	}
	t, err := openStored(data)
	if err != nil {
		_ = unmap()
		return nil, nil, err
	}
	t.release = unmap
	return t, t.Close, nil
}

// IsStored reports whether a file is in the form that [Table.WriteArrow] writes, uncompressed. Reading such a file maps
// it: what it takes in memory are its names and places, not its values.
func IsStored(path string) (bool, error) {
	data, unmap, err := mapFile(path)
	if err != nil {
		return false, err
	}
	headers, err := checkArrow(data)
	stored := err == nil && !headers.compressed && hasStoredSchema(data)
	return stored, unmap()
}

func hasStoredSchema(data []byte) bool {
	schema, err := readSchema(data)
	return err == nil && isStored(schema)
}

func readSchema(data []byte) (s *arrow.Schema, err error) {
	defer recoverReject(&s, &err)
	f, err := newArrowFile(data)
	if err != nil {
		return nil, err
	}
	return f.Schema(), nil
}

// openStored reads the stored form; the table's values lie in data.
func openStored(data []byte) (t *Table, err error) {
	defer recoverReject(&t, &err)
	f, err := newArrowFile(data)
	if err != nil {
		return nil, err
	}
	if !isStored(f.Schema()) {
		return nil, reject("the Arrow file is not in the stored form; mpicalc convert makes it")
	}
	return readStored(f, len(data))
}

// newArrowFile reads the footer and the schema of an Arrow IPC file in memory.
func newArrowFile(data []byte) (*ipc.FileReader, error) {
	if !bytes.HasPrefix(data, []byte(arrowMagic)) {
		return nil, reject("not an Arrow IPC file (a stream is none)")
	}
	headers, err := checkArrow(data)
	if err != nil {
		return nil, reject("not a readable Arrow file: %v", err)
	}
	options := []ipc.Option{ipc.WithAllocator(newBounded(len(data))), ipc.WithBodySizeLimit(0)}
	var f *ipc.FileReader
	if headers.dictionaries > 0 { // the library's reader of mapped files cannot take them
		f, err = ipc.NewFileReader(bytes.NewReader(data), options...)
	} else {
		f, err = ipc.NewMappedFileReader(data, options...)
	}
	if err != nil {
		return nil, reject("not a readable Arrow file: %v", err)
	}
	return f, nil
}

// recoverReject turns a panic of the Arrow library, which does not check all of a file, into an error.
func recoverReject[T any](t *T, err *error) {
	if p := recover(); p != nil {
		var none T
		*t, *err = none, reject("not a readable file: %v", p)
	}
}

// storedReader collects the assets of a stored file, record by record.
type storedReader struct {
	names  []string
	assets []asset
	meta   storedMeta
}

// storedRow is the least that a row of a stored file takes: the bounds of three lists and two texts, and three numbers.
const storedRow = 56

// readStored reads all records of the stored form from a file of the given size.
func readStored(f *ipc.FileReader, size int) (*Table, error) {
	meta, err := checkStored(f.Schema())
	if err != nil {
		return nil, err
	}
	if meta.assets > size/storedRow {
		return nil, reject("the stored file claims %d assets, too many for its size", meta.assets)
	}
	s := storedReader{meta: meta, names: make([]string, 0, meta.assets), assets: make([]asset, 0, meta.assets)}
	for i := range f.NumRecords() {
		record, err := f.RecordBatchAt(i)
		if err != nil {
			return nil, reject("record %d: %v", i+1, err)
		}
		if len(s.assets)+int(record.NumRows()) > meta.assets {
			return nil, reject("the stored file claims %d assets and has more", meta.assets)
		}
		if err := s.read(record); err != nil {
			return nil, err
		}
	}
	if len(s.assets) != meta.assets {
		return nil, reject("the stored file claims %d assets and has %d", meta.assets, len(s.assets))
	}
	t := newTable(s.names, s.assets, meta.kind, meta.shared)
	t.stored = true
	return t, nil
}

// read adds the assets of one record.
func (s *storedReader) read(record arrow.RecordBatch) error {
	for i, c := range record.Columns() {
		if c.NullN() != 0 {
			return reject("column %s of the stored file has nulls", record.ColumnName(i))
		}
	}
	step := record.Column(colStep).(*array.Int64).Int64Values()
	axes := record.Column(colAxis).(*array.Int64).Int64Values()
	first := record.Column(colFirst).(*array.Int64).Int64Values()
	freqs := record.Column(colFreq).(*array.String)
	times, err := stretches[int64](record.Column(colTimes))
	if err != nil {
		return err
	}
	filled, err := stretches[int32](record.Column(colFilled))
	if err != nil {
		return err
	}
	values, err := stretches[float64](record.Column(colValues))
	if err != nil {
		return err
	}
	s.addNames(record.Column(colName).(*array.String))
	for k := range step {
		a := asset{values: values.at(k), filled: filled.at(k)}
		if a.axis, err = s.axis(axes[k], times.at(k), freqs.Value(k), step[k]); err == nil {
			err = a.setFirst(first[k])
		}
		if err != nil {
			return reject("asset %q: %v", s.names[len(s.assets)], err)
		}
		s.assets = append(s.assets, a)
	}
	return nil
}

// addNames copies the names, all at once.
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

// axis returns the axis that a row names, which is an earlier row's or the row's own.
func (s *storedReader) axis(row int64, times []int64, freqText string, step int64) (*axis, error) {
	here := int64(len(s.assets))
	if row >= 0 && row < here {
		return s.assets[row].axis, nil
	}
	freq, ok := freqOf(freqText)
	low, high := s.meta.kind.bounds()
	switch {
	case row != here:
		return nil, fmt.Errorf("its axis is in row %d, which does not come before", row)
	case !ok || step < 0 || step > high-low:
		return nil, fmt.Errorf("its frequency is %q and its step %d", freqText, step)
	}
	for k, at := range times {
		if at < low || at > high || k > 0 && at <= times[k-1] {
			return nil, fmt.Errorf("time %d of its axis is out of order or of range", k+1)
		}
	}
	return &axis{times: times, freq: freq, step: step}, nil
}

// setFirst places the asset on its axis, and checks that it and its filled places fit.
func (a *asset) setFirst(first int64) error {
	n := len(a.values)
	if places := int64(len(a.axis.times)); first < 0 || first > places || int64(n) > places-first {
		return fmt.Errorf("it has %d values from place %d on an axis of %d times", n, first, len(a.axis.times))
	}
	a.first = int(first)
	for k, p := range a.filled {
		if p < 1 || int(p) >= n || k > 0 && p <= a.filled[k-1] {
			return fmt.Errorf("place %d was carried forward, of %d values", p, n)
		}
	}
	return nil
}

// runs are the lists of a column.
type runs[T any] struct {
	items []T
	ends  []int64
}

// at is the list of a row, or nil when it is empty.
func (r *runs[T]) at(k int) []T {
	from, to := r.ends[k], r.ends[k+1]
	if from == to {
		return nil
	}
	return r.items[from:to:to]
}

// stretches returns the lists of a column as parts of one slice, without copying.
func stretches[T int32 | int64 | float64](column arrow.Array) (runs[T], error) {
	list := column.(*array.LargeList)
	child := list.ListValues()
	if child.NullN() != 0 {
		return runs[T]{}, reject("the lists of the stored file have nulls")
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
	out := runs[T]{items: items.([]T)}
	if list.Len() > 0 {
		out.ends = list.Offsets()[:list.Len()+1]
	}
	if !aligned(out.items) || !aligned(out.ends) {
		return runs[T]{}, reject("the numbers in the stored file do not begin at multiples of eight bytes")
	}
	before := int64(0)
	for _, end := range out.ends {
		if end < before || end > int64(len(out.items)) {
			return runs[T]{}, reject("the bounds of the lists in the stored file are out of order")
		}
		before = end
	}
	return out, nil
}
