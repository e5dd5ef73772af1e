package arrow

import (
	"fmt"
	"io"
	"unsafe"

	apache "github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"foliocast/internal/series"
)

// recordValues is about how many values one record of a stored file has. Larger records need more memory when they are
// written; more records take longer to open.
const recordValues = 4 << 20

// Write writes the table in the stored form, for [Open] to map: an uncompressed Arrow IPC file that holds the whole table, with
// the values of each asset in one run. Equal tables give equal bytes.
func Write(w io.Writer, t *series.Table) error {
	schema := storedSchema(metaOf(t))
	out, err := ipc.NewFileWriter(w, ipc.WithSchema(schema))
	if err != nil {
		return fmt.Errorf("write Arrow: %w", err)
	}
	s := storedWriter{table: t, schema: schema, holder: make(map[*series.Axis]int64)}
	for from := 0; from < t.Len(); {
		to, values := from, 0
		for to < t.Len() && (to == from || values+t.Count(to) <= recordValues) {
			values += t.Count(to)
			to++
		}
		record := s.record(from, to, values)
		err := out.Write(record)
		record.Release()
		if err != nil {
			return fmt.Errorf("write Arrow: %w", err)
		}
		from = to
	}
	if err := out.Close(); err != nil {
		return fmt.Errorf("write Arrow: %w", err)
	}
	return nil
}

// storedWriter makes the records of a stored file, in order.
type storedWriter struct {
	table  *series.Table
	schema *apache.Schema
	holder map[*series.Axis]int64 // the row that holds an axis
	values []float64              // scratch memory for the values of a record
}

// record makes the record of the assets from..to-1, which have the given number of values.
func (s *storedWriter) record(from, to, values int) apache.RecordBatch {
	n := to - from
	names, freqs := newTexts(n), newTexts(n)
	step, anchors, axes, first := make([]int64, n), make([]int64, n), make([]int64, n), make([]int64, n)
	times, filled, y := newLists[int64](n), newLists[int32](n), newLists[float64](n)
	y.items = s.values[:0]
	if cap(y.items) < values {
		y.items = make([]float64, 0, values)
	}
	for k := range n {
		i := from + k
		axis := s.table.Axis(i)
		names.add(s.table.Names()[i])
		if c := axis.Calendar(); c != nil {
			anchors[k] = c.Anchor()
		}
		freqs.add(string(s.table.FreqOf(i)))
		row, ok := s.holder[axis]
		if !ok {
			row = int64(i)
			s.holder[axis] = row
			times.items = append(times.items, axis.Times()...)
		}
		times.end()
		step[k], axes[k], first[k] = axis.Step(), row, int64(s.table.First(i))
		filled.items = append(filled.items, s.table.FilledAt(i)...)
		filled.end()
		head, tail := s.table.Pieces(i)
		y.items = append(append(y.items, head...), tail...)
		y.end()
	}
	s.values = y.items
	data := make([]apache.ArrayData, columns)
	data[colName], data[colFreq] = names.data(), freqs.data()
	data[colStep], data[colAxis], data[colFirst] = fixed(apache.PrimitiveTypes.Int64, step),
		fixed(apache.PrimitiveTypes.Int64, axes), fixed(apache.PrimitiveTypes.Int64, first)
	data[colTimes] = times.data(apache.PrimitiveTypes.Int64)
	data[colFilled] = filled.data(apache.PrimitiveTypes.Int32)
	data[colAnchor] = fixed(apache.PrimitiveTypes.Int64, anchors)
	data[colValues] = y.data(apache.PrimitiveTypes.Float64)
	arrays := make([]apache.Array, columns)
	for i, d := range data {
		arrays[i] = array.MakeFromData(d)
	}
	return array.NewRecordBatch(s.schema, arrays, int64(n))
}

// lists builds a column of lists.
type lists[T any] struct {
	items []T
	ends  []int64 // with a 0 in front
}

func newLists[T any](n int) *lists[T] { return &lists[T]{ends: make([]int64, 1, n+1)} }

// end ends the list of a row.
func (l *lists[T]) end() { l.ends = append(l.ends, int64(len(l.items))) }

func (l *lists[T]) data(t apache.DataType) apache.ArrayData {
	return array.NewData(listOf(t), len(l.ends)-1, []*memory.Buffer{nil, memory.NewBufferBytes(asBytes(l.ends))},
		[]apache.ArrayData{fixed(t, l.items)}, 0, 0)
}

// texts builds a column of text.
type texts struct {
	bytes []byte
	ends  []int32 // with a 0 in front
}

func newTexts(n int) *texts { return &texts{ends: make([]int32, 1, n+1)} }

func (t *texts) add(s string) {
	t.bytes = append(t.bytes, s...)
	t.ends = append(t.ends, int32(len(t.bytes)))
}

func (t *texts) data() apache.ArrayData {
	return array.NewData(apache.BinaryTypes.String, len(t.ends)-1,
		[]*memory.Buffer{nil, memory.NewBufferBytes(asBytes(t.ends)), memory.NewBufferBytes(t.bytes)}, nil, 0, 0)
}

// fixed is a column of numbers.
func fixed[T any](t apache.DataType, items []T) apache.ArrayData {
	return array.NewData(t, len(items), []*memory.Buffer{nil, memory.NewBufferBytes(asBytes(items))}, nil, 0, 0)
}

// asBytes returns the memory of the numbers as bytes.
func asBytes[T any](items []T) []byte {
	var one T
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(items))), len(items)*int(unsafe.Sizeof(one)))
}
