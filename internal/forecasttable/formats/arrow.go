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

// arrowWriter writes an Arrow IPC stream or file. A bound without a value is
// null.
type arrowWriter struct {
	out interface {
		Write(arrow.RecordBatch) error
		Close() error
	}
	times  times
	shape  forecasttable.Shape
	bounds []forecasttable.Column // the mean, and the columns after it

	most  int // rows of a batch
	batch *array.RecordBuilder
	held  int
	asset *array.StringBuilder
	model *array.StringBuilder
	reals []*array.Float64Builder // of bounds
}

func newArrow(w io.Writer, s forecasttable.Shape, file bool) (*arrowWriter, error) {
	names := s.Columns()
	fields := make([]arrow.Field, len(names))
	for i, name := range names {
		fields[i] = arrow.Field{Name: name, Type: arrow.PrimitiveTypes.Float64, Nullable: i > 3}
	}
	fields[0].Type, fields[1].Type, fields[2].Type = arrow.BinaryTypes.String, arrowTime(s.Time), arrow.BinaryTypes.String
	schema := arrow.NewSchema(fields, nil)
	batch := array.NewRecordBuilder(memory.NewGoAllocator(), schema)
	out := &arrowWriter{times: times{kind: s.Time}, shape: s, most: batchRows(s), batch: batch,
		asset: batch.Field(0).(*array.StringBuilder), model: batch.Field(2).(*array.StringBuilder)}
	for i := 3; i < len(names); i++ {
		out.reals = append(out.reals, batch.Field(i).(*array.Float64Builder))
	}
	if !file {
		out.out = ipc.NewWriter(w, ipc.WithSchema(schema))
		return out, nil
	}
	var err error
	out.out, err = ipc.NewFileWriter(w, ipc.WithSchema(schema))
	return out, err
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
	if err := w.addTimes(r.DS); err != nil {
		return err
	}
	w.bounds = w.shape.Bounds(append(w.bounds[:0], r.Mean), r)
	for range r.Mean {
		w.asset.Append(r.Asset)
		w.model.Append(r.Model)
	}
	for i, values := range w.bounds {
		there := min(len(values), len(r.Mean))
		w.reals[i].AppendValues(values[:there], nil)
		w.reals[i].AppendNulls(len(r.Mean) - there)
	}
	if w.held += len(r.Mean); w.held < w.most {
		return nil
	}
	if err := w.flush(); err != nil {
		return err
	}
	w.batch.Reserve(w.most) // the next batch is likely to be full, too
	return nil
}

func (w *arrowWriter) addTimes(ds []string) error {
	if !counted(w.times.kind) {
		w.batch.Field(1).(*array.StringBuilder).AppendStringValues(ds, nil)
		return nil
	}
	numbers, err := w.times.of(ds)
	if err != nil {
		return err
	}
	for _, n := range numbers {
		switch column := w.batch.Field(1).(type) {
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

func (w *arrowWriter) flush() error {
	batch := w.batch.NewRecordBatch()
	defer batch.Release()
	w.held = 0
	return w.out.Write(batch)
}

func (w *arrowWriter) Close() error {
	// An empty table has a batch too: without one its schema would not be written.
	if err := w.flush(); err != nil {
		return err
	}
	return w.out.Close()
}
