package series

import (
	"fmt"
	"io"
	"unsafe"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

// recordValues is about how many values one record of a stored file has. More values in one record would need more
// memory to write; fewer would take longer to open.
const recordValues = 4 << 20

// WriteArrow writes the table in the stored form: one Arrow IPC file that holds everything, uncompressed, with the
// values of each asset in one run, for [OpenArrow] to map. Equal tables give equal bytes.
func (t *Table) WriteArrow(w io.Writer) error {
	schema := storedSchema(storedMeta{t.kind, t.shared, t.Len()})
	out, err := ipc.NewFileWriter(w, ipc.WithSchema(schema))
	if err != nil {
		return fmt.Errorf("write arrow: %w", err)
	}
	s := storedWriter{table: t, schema: schema, holder: make(map[*axis]int64)}
	for from := 0; from < t.Len(); {
		to, values := from, 0
		for to < t.Len() && (to == from || values+len(t.assets[to].values) <= recordValues) {
			values += len(t.assets[to].values)
			to++
		}
		record := s.record(from, to, values)
		err := out.Write(record)
		record.Release()
		if err != nil {
			return fmt.Errorf("write arrow: %w", err)
		}
		from = to
	}
	if err := out.Close(); err != nil {
		return fmt.Errorf("write arrow: %w", err)
	}
	return nil
}

// storedWriter makes the records of a stored file, in order.
type storedWriter struct {
	table  *Table
	schema *arrow.Schema
	holder map[*axis]int64 // the row that holds an axis
	values []float64       // room for the values of a record, used again
}

// record makes the record of the assets from one number up to another, which have so many values.
func (s *storedWriter) record(from, to, values int) arrow.RecordBatch {
	n := to - from
	names, freqs := newTexts(n), newTexts(n)
	step, axes, first := make([]int64, n), make([]int64, n), make([]int64, n)
	times, filled, y := newLists[int64](n), newLists[int32](n), newLists[float64](n)
	y.items = s.values[:0]
	if cap(y.items) < values {
		y.items = make([]float64, 0, values)
	}
	for k := range n {
		a := &s.table.assets[from+k]
		names.add(s.table.names[from+k])
		freqs.add(string(a.axis.freq))
		row, ok := s.holder[a.axis]
		if !ok {
			row = int64(from + k)
			s.holder[a.axis] = row
			times.items = append(times.items, a.axis.times...)
		}
		times.end()
		step[k], axes[k], first[k] = a.axis.step, row, int64(a.first)
		filled.items = append(filled.items, a.filled...)
		filled.end()
		y.items = append(y.items, a.values...)
		y.end()
	}
	s.values = y.items
	data := make([]arrow.ArrayData, columns)
	data[colName], data[colFreq] = names.data(), freqs.data()
	data[colStep], data[colAxis], data[colFirst] = fixed(arrow.PrimitiveTypes.Int64, step),
		fixed(arrow.PrimitiveTypes.Int64, axes), fixed(arrow.PrimitiveTypes.Int64, first)
	data[colTimes] = times.data(arrow.PrimitiveTypes.Int64)
	data[colFilled] = filled.data(arrow.PrimitiveTypes.Int32)
	data[colValues] = y.data(arrow.PrimitiveTypes.Float64)
	arrays := make([]arrow.Array, columns)
	for i, d := range data {
		arrays[i] = array.MakeFromData(d)
	}
	return array.NewRecordBatch(s.schema, arrays, int64(n))
}

// lists collects a column of lists.
type lists[T any] struct {
	items []T
	ends  []int64 // with a 0 in front
}

func newLists[T any](n int) *lists[T] { return &lists[T]{ends: make([]int64, 1, n+1)} }

// end closes the list of a row.
func (l *lists[T]) end() { l.ends = append(l.ends, int64(len(l.items))) }

func (l *lists[T]) data(t arrow.DataType) arrow.ArrayData {
	return array.NewData(listOf(t), len(l.ends)-1, []*memory.Buffer{nil, memory.NewBufferBytes(asBytes(l.ends))},
		[]arrow.ArrayData{fixed(t, l.items)}, 0, 0)
}

// texts collects a column of text.
type texts struct {
	bytes []byte
	ends  []int32 // with a 0 in front
}

func newTexts(n int) *texts { return &texts{ends: make([]int32, 1, n+1)} }

func (t *texts) add(s string) {
	t.bytes = append(t.bytes, s...)
	t.ends = append(t.ends, int32(len(t.bytes)))
}

func (t *texts) data() arrow.ArrayData {
	return array.NewData(arrow.BinaryTypes.String, len(t.ends)-1,
		[]*memory.Buffer{nil, memory.NewBufferBytes(asBytes(t.ends)), memory.NewBufferBytes(t.bytes)}, nil, 0, 0)
}

// fixed is a column of numbers.
func fixed[T any](t arrow.DataType, items []T) arrow.ArrayData {
	return array.NewData(t, len(items), []*memory.Buffer{nil, memory.NewBufferBytes(asBytes(items))}, nil, 0, 0)
}

// asBytes looks at numbers as the bytes that they are.
func asBytes[T any](items []T) []byte {
	var one T
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(items))), len(items)*int(unsafe.Sizeof(one)))
}
