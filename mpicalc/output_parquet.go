package main

import (
	"io"
	"reflect"
	"strconv"

	"github.com/parquet-go/parquet-go"

	"foliocast/internal/series"
	"foliocast/mpicalc/forecast"
)

// parquetWriter writes through a struct type made at run time, because that alone keeps the order of the columns.
type parquetWriter struct {
	out  *parquet.GenericWriter[any]
	rows []parquet.Row
}

func newParquetWriter(w io.Writer, kind series.Kind, levels []float64) *parquetWriter {
	text, count, real := reflect.TypeFor[string](), reflect.TypeFor[int64](), reflect.TypeFor[float64]()
	moment := column{"ds", count, ""}
	switch kind {
	case series.Date:
		moment = column{"ds", reflect.TypeFor[int32](), ",date"}
	case series.Clock:
		moment = column{"ds", count, ",timestamp(microsecond:local)"}
	case series.Instant:
		moment = column{"ds", count, ",timestamp(microsecond:utc)"}
	}
	columns := []column{{"unique_id", text, ",dict"}, moment, {"model", text, ",dict"}, {"mean", real, ""}}
	for _, name := range intervalColumns(levels) {
		columns = append(columns, column{name, real, ""})
	}
	var fields []reflect.StructField
	for i, c := range columns {
		fields = append(fields, reflect.StructField{
			Name: "F" + strconv.Itoa(i),
			Type: c.kind,
			Tag:  reflect.StructTag(`parquet:"` + c.name + c.options + `"`),
		})
	}
	schema := parquet.SchemaOf(reflect.New(reflect.StructOf(fields)).Interface())
	return &parquetWriter{out: parquet.NewGenericWriter[any](w, schema, parquet.Compression(&parquet.Snappy))}
}

// column is one column of a Parquet file, with the options of its struct tag.
type column struct {
	name    string
	kind    reflect.Type
	options string
}

func (w *parquetWriter) write(name string, times []series.Time, r *forecast.Result) error {
	w.rows = w.rows[:0]
	for k, mean := range r.Mean {
		moment := parquet.Int64Value(times[k].N)
		if times[k].Kind == series.Date {
			moment = parquet.Int32Value(int32(times[k].N))
		}
		row := parquet.Row{
			parquet.ByteArrayValue([]byte(name)), moment, parquet.ByteArrayValue([]byte(r.Model)), parquet.DoubleValue(mean),
		}
		for i := range r.Lo {
			row = append(row, parquet.DoubleValue(r.Lo[i][k]), parquet.DoubleValue(r.Hi[i][k]))
		}
		for i := range row {
			row[i] = row[i].Level(0, 0, i)
		}
		w.rows = append(w.rows, row)
	}
	_, err := w.out.WriteRows(w.rows)
	return err
}

func (w *parquetWriter) end() error { return w.out.Close() }
