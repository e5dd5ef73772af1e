package api

import (
	"io"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"foliocast/internal/job"
	"foliocast/internal/series"
)

// arrowBatch is how many rows one record batch holds, about.
const arrowBatch = 64 << 10

// arrowRows writes an Arrow IPC stream or file. A bound that an asset does not
// have is null.
type arrowRows struct {
	out interface {
		Write(arrow.RecordBatch) error
		Close() error
	}
	held  *array.RecordBuilder
	rows  int
	table *forecastTable
}

func newArrowRows(w io.Writer, t *forecastTable, file bool) (*arrowRows, error) {
	names := t.columns()
	fields := make([]arrow.Field, len(names))
	for i, name := range names {
		fields[i] = arrow.Field{Name: name, Type: arrow.PrimitiveTypes.Float64, Nullable: i > 3}
	}
	fields[0].Type, fields[1].Type, fields[2].Type = arrow.BinaryTypes.String, timeType(t.series.Kind()), arrow.BinaryTypes.String
	schema := arrow.NewSchema(fields, nil)
	r := &arrowRows{held: array.NewRecordBuilder(memory.NewGoAllocator(), schema), table: t}
	if !file {
		r.out = ipc.NewWriter(w, ipc.WithSchema(schema))
		return r, nil
	}
	out, err := ipc.NewFileWriter(w, ipc.WithSchema(schema))
	r.out = out
	return r, err
}

// timeType is how Arrow has the times of a table.
func timeType(kind series.Kind) arrow.DataType {
	switch kind {
	case series.Date:
		return arrow.FixedWidthTypes.Date32
	case series.Clock:
		return &arrow.TimestampType{Unit: arrow.Microsecond}
	case series.Instant:
		return &arrow.TimestampType{Unit: arrow.Microsecond, TimeZone: "UTC"}
	}
	return arrow.PrimitiveTypes.Int64
}

func (r *arrowRows) write(a job.Asset, times []series.Time) error {
	for k, mean := range a.Mean {
		r.held.Field(0).(*array.StringBuilder).Append(a.Asset)
		switch moment := r.held.Field(1).(type) {
		case *array.Int64Builder:
			moment.Append(times[k].N)
		case *array.Date32Builder:
			moment.Append(arrow.Date32(times[k].N))
		case *array.TimestampBuilder:
			moment.Append(arrow.Timestamp(times[k].N))
		}
		r.held.Field(2).(*array.StringBuilder).Append(a.Model)
		r.held.Field(3).(*array.Float64Builder).Append(mean)
		for i, l := range r.table.levels {
			r.bound(4+2*i, a.Lo[job.Level(l)], k)
			r.bound(5+2*i, a.Hi[job.Level(l)], k)
		}
	}
	if r.rows += len(a.Mean); r.rows >= arrowBatch {
		return r.flush()
	}
	return nil
}

func (r *arrowRows) bound(column int, values []float64, k int) {
	field := r.held.Field(column).(*array.Float64Builder)
	if k < len(values) {
		field.Append(values[k])
	} else {
		field.AppendNull()
	}
}

func (r *arrowRows) flush() error {
	batch := r.held.NewRecordBatch()
	defer batch.Release()
	r.rows = 0
	return r.out.Write(batch)
}

func (r *arrowRows) end() error {
	// Also an empty table has a batch, or its schema would not be written.
	if err := r.flush(); err != nil {
		return err
	}
	return r.out.Close()
}
