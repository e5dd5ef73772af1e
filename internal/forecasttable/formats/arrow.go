package formats

import (
	"io"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"foliocast/internal/forecasttable"
	"foliocast/internal/job"
)

// arrowTable is an Arrow IPC stream or file that is written in batches.
type arrowTable struct {
	out interface {
		Write(arrow.RecordBatch) error
		Close() error
	}
	times times
	most  int // rows of a batch
	batch *array.RecordBuilder
	held  int
}

func newArrowTable(w io.Writer, schema *arrow.Schema, file bool, kind job.TimeKind, most int) (arrowTable, error) {
	t := arrowTable{times: times{kind: kind}, most: most, batch: array.NewRecordBuilder(memory.NewGoAllocator(), schema)}
	if !file {
		t.out = ipc.NewWriter(w, ipc.WithSchema(schema))
		return t, nil
	}
	var err error
	t.out, err = ipc.NewFileWriter(w, ipc.WithSchema(schema))
	return t, err
}

// arrowWriter writes forecasts as Arrow. A bound without a value is null, and so are the name and the model of the portfolio.
type arrowWriter struct {
	arrowTable
	shape  forecasttable.Shape
	bounds []forecasttable.Column // the mean, and the columns after it
	asset  *array.StringBuilder
	model  *array.StringBuilder
	reals  []*array.Float64Builder // of bounds
	member *array.StringBuilder    // nil without such a column
}

func newArrow(w io.Writer, s forecasttable.Shape, file bool) (*arrowWriter, error) {
	names := s.Columns()
	fields := make([]arrow.Field, len(names))
	for i, name := range names {
		fields[i] = arrow.Field{Name: name, Type: arrow.PrimitiveTypes.Float64, Nullable: i != 1 && i != 3}
	}
	fields[0].Type, fields[1].Type, fields[2].Type = arrow.BinaryTypes.String, arrowTime(s.Time), arrow.BinaryTypes.String
	if s.Members {
		fields[len(fields)-1].Type = arrow.BinaryTypes.String
	}
	table, err := newArrowTable(w, arrow.NewSchema(fields, nil), file, s.Time, batchRows(s))
	if err != nil {
		return nil, err
	}
	out := &arrowWriter{arrowTable: table, shape: s, asset: table.batch.Field(0).(*array.StringBuilder), model: table.batch.Field(2).(*array.StringBuilder)}
	if s.Members {
		out.member = table.batch.Field(len(names) - 1).(*array.StringBuilder)
		names = names[:len(names)-1]
	}
	for i := 3; i < len(names); i++ {
		out.reals = append(out.reals, table.batch.Field(i).(*array.Float64Builder))
	}
	return out, nil
}

// arrowTime is the type of the column ds.
func arrowTime(kind job.TimeKind) arrow.DataType {
	switch kind {
	case job.TimeStep:
		return arrow.PrimitiveTypes.Int64
	case job.TimeDate:
		return arrow.FixedWidthTypes.Date32
	case job.TimeDatetime:
		return &arrow.TimestampType{Unit: arrow.Microsecond}
	case job.TimeInstant:
		return &arrow.TimestampType{Unit: arrow.Microsecond, TimeZone: "UTC"}
	}
	return arrow.BinaryTypes.String
}

func (w *arrowWriter) Write(r forecasttable.Rows) error {
	if err := r.Check(); err != nil {
		return err
	}
	if err := w.addTimes(w.batch.Field(1), r.DS); err != nil {
		return err
	}
	w.bounds = w.shape.Bounds(append(w.bounds[:0], r.Mean), r)
	addText(w.asset, r.Asset, len(r.Mean))
	addText(w.model, r.Model, len(r.Mean))
	if w.member != nil {
		addText(w.member, r.Members, len(r.Mean))
	}
	for i, values := range w.bounds {
		there := min(len(values), len(r.Mean))
		w.reals[i].AppendValues(values[:there], nil)
		w.reals[i].AppendNulls(len(r.Mean) - there)
	}
	return w.added(len(r.Mean))
}

// addText adds a text n times, or n nulls for an empty one.
func addText(column *array.StringBuilder, text string, n int) {
	for range n {
		if text == "" {
			column.AppendNull()
			continue
		}
		column.Append(text)
	}
}

// added writes a batch when so many rows more have filled it.
func (w *arrowTable) added(rows int) error {
	if w.held += rows; w.held < w.most {
		return nil
	}
	if err := w.flush(); err != nil {
		return err
	}
	w.batch.Reserve(w.most) // the next batch is likely to be full, too
	return nil
}

// addTimes adds times to their column.
func (w *arrowTable) addTimes(column array.Builder, ds []string) error {
	if !counted(w.times.kind) {
		column.(*array.StringBuilder).AppendStringValues(ds, nil)
		return nil
	}
	numbers, err := w.times.of(ds)
	if err != nil {
		return err
	}
	for _, n := range numbers {
		switch column := column.(type) {
		case *array.Int64Builder:
			column.Append(n)
		case *array.Date32Builder:
			column.Append(arrow.Date32(n))
		case *array.TimestampBuilder:
			column.Append(arrow.Timestamp(n))
		}
	}
	return nil
}

func (w *arrowTable) flush() error {
	batch := w.batch.NewRecordBatch()
	defer batch.Release()
	w.held = 0
	return w.out.Write(batch)
}

// Close ends the table.
func (w *arrowTable) Close() error {
	// An empty table has a batch too: without one its schema would not be written.
	if err := w.flush(); err != nil {
		return err
	}
	return w.out.Close()
}
