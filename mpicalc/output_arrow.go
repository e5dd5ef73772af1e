package main

import (
	"io"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"foliocast/internal/series"
	"foliocast/mpicalc/forecast"
)

// arrowRows is how many rows one record batch holds, about.
const arrowRows = 64 << 10

// arrowWriter writes an Arrow IPC file.
type arrowWriter struct {
	out  *ipc.FileWriter
	rows *array.RecordBuilder
	held int
}

func newArrowWriter(w io.Writer, kind series.Kind, levels []float64) (*arrowWriter, error) {
	var moment arrow.DataType = arrow.PrimitiveTypes.Int64
	switch kind {
	case series.Date:
		moment = arrow.FixedWidthTypes.Date32
	case series.Clock:
		moment = &arrow.TimestampType{Unit: arrow.Microsecond}
	case series.Instant:
		moment = &arrow.TimestampType{Unit: arrow.Microsecond, TimeZone: "UTC"}
	}
	fields := []arrow.Field{
		{Name: "unique_id", Type: arrow.BinaryTypes.String},
		{Name: "ds", Type: moment},
		{Name: "model", Type: arrow.BinaryTypes.String},
		{Name: "mean", Type: arrow.PrimitiveTypes.Float64},
	}
	for _, name := range intervalColumns(levels) {
		fields = append(fields, arrow.Field{Name: name, Type: arrow.PrimitiveTypes.Float64})
	}
	schema := arrow.NewSchema(fields, nil)
	out, err := ipc.NewFileWriter(w, ipc.WithSchema(schema))
	if err != nil {
		return nil, err
	}
	return &arrowWriter{out: out, rows: array.NewRecordBuilder(memory.NewGoAllocator(), schema)}, nil
}

func (w *arrowWriter) write(name string, times []series.Time, r *forecast.Result) error {
	for k, mean := range r.Mean {
		w.rows.Field(0).(*array.StringBuilder).Append(name)
		switch moment := w.rows.Field(1).(type) {
		case *array.Int64Builder:
			moment.Append(times[k].N)
		case *array.Date32Builder:
			moment.Append(arrow.Date32(times[k].N))
		case *array.TimestampBuilder:
			moment.Append(arrow.Timestamp(times[k].N))
		}
		w.rows.Field(2).(*array.StringBuilder).Append(r.Model)
		w.rows.Field(3).(*array.Float64Builder).Append(mean)
		for i := range r.Lo {
			w.rows.Field(4 + 2*i).(*array.Float64Builder).Append(r.Lo[i][k])
			w.rows.Field(5 + 2*i).(*array.Float64Builder).Append(r.Hi[i][k])
		}
	}
	if w.held += len(r.Mean); w.held >= arrowRows {
		return w.flush()
	}
	return nil
}

func (w *arrowWriter) flush() error {
	batch := w.rows.NewRecordBatch()
	defer batch.Release()
	w.held = 0
	return w.out.Write(batch)
}

func (w *arrowWriter) end() error {
	if w.held > 0 {
		if err := w.flush(); err != nil {
			return err
		}
	}
	return w.out.Close()
}
