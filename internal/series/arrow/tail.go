package arrow

import (
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"

	apache "github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/ipc"

	"foliocast/internal/series"
	"foliocast/internal/series/guard"
	"foliocast/internal/series/mapfile"
)

// The columns of a tail, which has a row for each asset of a table that goes on from another, its base.
const (
	tailName       = iota // the asset's name, empty where the base has it
	tailBase              // the asset's number in the base, -1 where that does not have it
	tailKeep              // how many of its values the table has from the base
	tailKeepFilled        // and how many of the positions that were carried forward
	tailAxis              // as colAxis
	tailAxisBase          // in rows that hold an axis: the asset of the base whose axis it goes on from, or -1
	tailKeepTimes         // and how many of its times it has
	tailFirst             // as colFirst, and so are all that follow, but without what the base has
	tailFreq
	tailStep
	tailAnchor
	tailTimes
	tailFilled
	tailValues
	tailColumns
)

const (
	metaTail    = "foliocast.tail"        // the version of the form
	metaBase    = "foliocast.tail-base"   // the SHA-256 of the base's stored form
	metaValues  = "foliocast.tail-values" // how many values the tail has
	tailVersion = "1"
)

func tailSchema(m storedMeta, from TailOf) *apache.Schema {
	fields := make([]apache.Field, tailColumns)
	for i, name := range []string{"unique_id", "base", "keep", "keep_filled", "axis", "axis_base", "keep_times", "first", "freq", "step", "anchor", "times", "filled", "y"} {
		fields[i] = apache.Field{Name: name, Type: apache.PrimitiveTypes.Int64}
		if i < tailFirst {
			fields[i].Type = apache.PrimitiveTypes.Int32
		}
	}
	fields[tailName].Type, fields[tailFreq].Type = apache.BinaryTypes.String, apache.BinaryTypes.String
	fields[tailTimes].Type, fields[tailFilled].Type = listOf(apache.PrimitiveTypes.Int64), listOf(apache.PrimitiveTypes.Int32)
	fields[tailValues].Type = listOf(apache.PrimitiveTypes.Float64)
	meta := m.metadata(metaTail, tailVersion)
	meta = apache.NewMetadata(append(meta.Keys(), metaBase, metaValues), append(meta.Values(), from.SHA256, strconv.FormatInt(from.Values, 10)))
	return apache.NewSchema(fields, &meta)
}

// Tail is what a table has beyond its base: each asset has the first values of the base's asset of the same name, and more.
type Tail struct {
	table, base *series.Table
	assets      []kept
	axes        map[*series.Axis]kept

	// Values is how many values the tail has, and Times how many times are copied where it is opened.
	Values, Times int64
}

// kept says what an asset has from the base.
type kept struct {
	base   int // the asset's number there, or -1
	values int // or times, of an axis
	filled int
}

// NewTail compares a table with a base.
func NewTail(t, base *series.Table) *Tail {
	out := &Tail{table: t, base: base, assets: make([]kept, t.Len()), axes: make(map[*series.Axis]kept)}
	for i, name := range t.Names() {
		k := kept{base: -1}
		if j, known := base.Index(name); known {
			k = kept{base: j, values: sameValues(t, i, base, j), filled: same(t.FilledAt(i), base.FilledAt(j))}
		}
		out.assets[i] = k
		out.Values += int64(t.Count(i) - k.values)
		axis := t.Axis(i)
		if _, known := out.axes[axis]; !known {
			on := kept{base: k.base}
			if k.base >= 0 {
				on.values = same(axis.Times(), base.Axis(k.base).Times())
			}
			out.axes[axis] = on
			out.Times += int64(len(axis.Times()))
		}
	}
	return out
}

// sameValues counts the first values that two assets have in common, bit for bit.
func sameValues(t *series.Table, i int, base *series.Table, j int) int {
	n := 0
	a, more := t.Pieces(i)
	b, rest := base.Pieces(j)
	for {
		k, m := 0, min(len(a), len(b))
		for k < m && math.Float64bits(a[k]) == math.Float64bits(b[k]) {
			k++
		}
		n += k
		if k < m {
			return n
		}
		if a = a[m:]; len(a) == 0 {
			a, more = more, nil
		}
		if b = b[m:]; len(b) == 0 {
			b, rest = rest, nil
		}
		if len(a) == 0 || len(b) == 0 {
			return n
		}
	}
}

// same counts the first items that two lists have in common.
func same[T comparable](a, b []T) int {
	k := 0
	for k < min(len(a), len(b)) && a[k] == b[k] {
		k++
	}
	return k
}

// Write writes the tail for [OpenTail]. Sum is the SHA-256 of the base's stored form.
func (l *Tail) Write(w io.Writer, sum string) error {
	schema := tailSchema(metaOf(l.table), TailOf{sum, l.Values})
	out, err := ipc.NewFileWriter(w, ipc.WithSchema(schema))
	if err != nil {
		return fmt.Errorf("write Arrow: %w", err)
	}
	record := l.record(schema)
	defer record.Release()
	if err := out.Write(record); err != nil {
		return fmt.Errorf("write Arrow: %w", err)
	}
	if err := out.Close(); err != nil {
		return fmt.Errorf("write Arrow: %w", err)
	}
	return nil
}

func (l *Tail) record(schema *apache.Schema) apache.RecordBatch {
	t := l.table
	n := t.Len()
	names, freqs := newTexts(n), newTexts(n)
	var small [tailFirst - tailBase][]int32
	for i := range small {
		small[i] = make([]int32, n)
	}
	set := func(column, row, value int) { small[column-tailBase][row] = int32(value) }
	first, step, anchor := make([]int64, n), make([]int64, n), make([]int64, n)
	times, filled, y := newLists[int64](n), newLists[int32](n), newLists[float64](n)
	holder := make(map[*series.Axis]int)
	for i, name := range t.Names() {
		k, axis := l.assets[i], t.Axis(i)
		if k.base >= 0 {
			name = ""
		}
		names.add(name)
		set(tailBase, i, k.base)
		set(tailKeep, i, k.values)
		set(tailKeepFilled, i, k.filled)
		row, held := holder[axis]
		freq := ""
		if !held {
			row = i
			holder[axis] = i
			on := l.axes[axis]
			set(tailAxisBase, i, on.base)
			set(tailKeepTimes, i, on.values)
			times.items = append(times.items, axis.Times()[on.values:]...)
			freq, step[i] = string(t.FreqOf(i)), axis.Step()
			if c := axis.Calendar(); c != nil {
				anchor[i] = c.Anchor()
			}
		}
		freqs.add(freq)
		times.end()
		set(tailAxis, i, row)
		first[i] = int64(t.First(i))
		filled.items = append(filled.items, t.FilledAt(i)[k.filled:]...)
		filled.end()
		head, tail := t.Pieces(i)
		y.items = append(append(y.items, head[min(k.values, len(head)):]...), tail[max(0, k.values-len(head)):]...)
		y.end()
	}
	data := make([]apache.ArrayData, tailColumns)
	data[tailName], data[tailFreq] = names.data(), freqs.data()
	for i, numbers := range small {
		data[tailBase+i] = fixed(apache.PrimitiveTypes.Int32, numbers)
	}
	data[tailFirst], data[tailStep], data[tailAnchor] = fixed(apache.PrimitiveTypes.Int64, first), fixed(apache.PrimitiveTypes.Int64, step), fixed(apache.PrimitiveTypes.Int64, anchor)
	data[tailTimes], data[tailFilled] = times.data(apache.PrimitiveTypes.Int64), filled.data(apache.PrimitiveTypes.Int32)
	data[tailValues] = y.data(apache.PrimitiveTypes.Float64)
	arrays := make([]apache.Array, tailColumns)
	for i, d := range data {
		arrays[i] = array.MakeFromData(d)
	}
	return array.NewRecordBatch(schema, arrays, int64(n))
}

// TailOf says what a tail goes on from.
type TailOf struct {
	SHA256 string // of the base's stored form
	Values int64  // how many values the tail has
}

// ReadTailOf reads what a tail goes on from, and not the tail.
func ReadTailOf(path string) (TailOf, error) {
	data, unmap, err := mapfile.Open(path)
	if err != nil {
		return TailOf{}, err
	}
	var from TailOf
	schema, err := readSchema(data)
	if err == nil {
		_, from, err = checkTail(schema)
	}
	if closeErr := unmap(); err == nil {
		err = closeErr
	}
	return from, err
}

// checkTail reads the metadata of a tail, and checks that the schema is that of the form.
func checkTail(s *apache.Schema) (m storedMeta, from TailOf, err error) {
	meta := s.Metadata()
	if version, _ := meta.GetValue(metaTail); version != tailVersion {
		return m, from, series.Reject("the file is not a tail of version %s", tailVersion)
	}
	from.SHA256, _ = meta.GetValue(metaBase)
	values, _ := meta.GetValue(metaValues)
	if from.Values, err = strconv.ParseInt(values, 10, 64); err != nil || len(from.SHA256) != 64 {
		return m, from, series.Reject("the metadata of the tail are damaged")
	}
	if m, err = readMeta(meta); err == nil {
		err = checkFields(s, tailSchema(m, from))
	}
	return m, from, err
}

// OpenTail maps the table that a tail and its base make, until its Close. The table shares the memory of the base, and its Close
// closes the base, too.
func OpenTail(path string, base *series.Table) (*series.Table, error) {
	data, unmap, err := mapfile.Open(path)
	if err != nil {
		return nil, err
	}
	t, err := readTail(data, base)
	if err != nil {
		_ = unmap()
		return nil, err
	}
	t.OnClose(func() error { return errors.Join(unmap(), base.Close()) })
	return t, nil
}

func readTail(data []byte, base *series.Table) (t *series.Table, err error) {
	defer guard.Recover(&t, &err)
	f, err := newFile(data, nil)
	if err != nil {
		return nil, err
	}
	meta, _, err := checkTail(f.Schema())
	if err != nil {
		return nil, err
	}
	if f.NumRecords() != 1 {
		return nil, series.Reject("the tail has %d records, and not one", f.NumRecords())
	}
	record, err := f.RecordBatchAt(0)
	if err != nil {
		return nil, guard.Rejection(err, "record 1: %v", err)
	}
	if int(record.NumRows()) != meta.assets {
		return nil, series.Reject("the tail claims %d assets, and has %d", meta.assets, record.NumRows())
	}
	r := tailReader{meta: meta, base: base, record: record}
	if err := r.read(); err != nil {
		return nil, err
	}
	t = series.NewTable(meta.kind, meta.zone, meta.shared, r.names, r.assets)
	t.SetOrigin(meta.origin)
	return t, nil
}

// tailReader collects the assets of a tail.
type tailReader struct {
	meta   storedMeta
	base   *series.Table
	record apache.RecordBatch
	names  []string
	assets []series.Asset
}

// small are the numbers of one of the columns of short integers.
func (r *tailReader) small(column int) []int32 {
	return r.record.Column(column).(*array.Int32).Int32Values()
}

func (r *tailReader) numbers(column int) []int64 {
	return r.record.Column(column).(*array.Int64).Int64Values()
}

func (r *tailReader) read() error {
	for i, c := range r.record.Columns() {
		if c.NullN() != 0 {
			return series.Reject("column %s of the tail has nulls", r.record.ColumnName(i))
		}
	}
	times, err := readLists[int64](r.record.Column(tailTimes))
	if err != nil {
		return err
	}
	filled, err := readLists[int32](r.record.Column(tailFilled))
	if err != nil {
		return err
	}
	values, err := readLists[float64](r.record.Column(tailValues))
	if err != nil {
		return err
	}
	names, first := r.record.Column(tailName).(*array.String), r.numbers(tailFirst)
	from, keep, keepFilled := r.small(tailBase), r.small(tailKeep), r.small(tailKeepFilled)
	for i := range first {
		name := ""
		var head, tail []float64
		var old []int32
		switch j := int(from[i]); {
		case j < -1 || j >= r.base.Len() || keep[i] < 0 || keepFilled[i] < 0:
			return r.damaged(i)
		case j >= 0:
			if int(keep[i]) > r.base.Count(j) || int(keepFilled[i]) > r.base.Filled(j) {
				return r.damaged(i)
			}
			name = r.base.Names()[j]
			head, tail = r.base.Pieces(j)
			old = r.base.FilledAt(j)[:keepFilled[i]]
			head, tail = head[:min(len(head), int(keep[i]))], tail[:max(0, int(keep[i])-len(head))]
		default:
			name = string([]byte(names.Value(i)))
		}
		axis, err := r.axis(i, times.at(i))
		var a series.Asset
		if err == nil {
			a, err = axis.Joined(first[i], head, joined(tail, values.at(i)), joined(old, filled.at(i)))
		}
		if err != nil {
			return series.Reject("asset %q: %v", name, err)
		}
		r.names, r.assets = append(r.names, name), append(r.assets, a)
	}
	return nil
}

// joined is one list after another, and a copy only where both have items.
func joined[T any](a, b []T) []T {
	switch {
	case len(a) == 0:
		return b
	case len(b) == 0:
		return a
	}
	return slices.Concat(a, b)
}

// axis returns the axis of asset i, which is that of an earlier row or the row's own.
func (r *tailReader) axis(i int, times []int64) (*series.Axis, error) {
	row := int(r.small(tailAxis)[i])
	if row >= 0 && row < i {
		return r.assets[row].Axis(), nil
	}
	j, keep := int(r.small(tailAxisBase)[i]), int(r.small(tailKeepTimes)[i])
	if row != i || j < -1 || j >= r.base.Len() || keep < 0 {
		return nil, r.damaged(i)
	}
	if j >= 0 {
		old := r.base.Axis(j).Times()
		if keep > len(old) {
			return nil, r.damaged(i)
		}
		times = slices.Concat(old[:keep], times)
	}
	return series.NewAxis(r.meta.kind, times, r.record.Column(tailFreq).(*array.String).Value(i), r.numbers(tailAnchor)[i], r.numbers(tailStep)[i])
}

func (r *tailReader) damaged(i int) error {
	return series.Reject("row %d of the tail is damaged, or its base is another file", i+1)
}
