package formats

import (
	"io"
	"reflect"
	"strconv"

	"github.com/parquet-go/parquet-go"

	"foliocast/internal/forecasttable"
	"foliocast/internal/job"
	seriesparquet "foliocast/internal/series/parquet"
)

// parquetTable is a sealed Parquet file that is written in row groups. The
// library takes the columns from a struct type, made at run time here: no other
// way keeps the order of the columns.
type parquetTable struct {
	out   *parquet.GenericWriter[any]
	seal  *seriesparquet.Seal
	times times
	rows  []parquet.Row
}

// parquetWriter writes forecasts. A bound without a value is null, and so are the name and the model of the portfolio.
type parquetWriter struct {
	parquetTable
	shape  forecasttable.Shape
	bounds []forecasttable.Column
}

// column is one column of a Parquet file, with the options of its struct tag.
type column struct {
	name    string
	kind    reflect.Type
	options string
}

func newParquet(w io.Writer, s forecasttable.Shape) *parquetWriter {
	text, real := reflect.TypeFor[string](), reflect.TypeFor[float64]()
	columns := []column{{"unique_id", text, ",optional,dict"}, parquetTime(s.Time), {"model", text, ",optional,dict"}, {"mean", real, ""}}
	for _, name := range s.Columns()[len(columns):] {
		columns = append(columns, column{name, real, ",optional"})
	}
	if s.Members {
		columns[len(columns)-1] = column{"members", text, ",optional,dict"}
	}
	return &parquetWriter{parquetTable: newParquetTable(w, s.Time, batchRows(s), columns), shape: s}
}

func newParquetTable(w io.Writer, kind job.TimeKind, most int, columns []column) parquetTable {
	var fields []reflect.StructField
	for i, c := range columns {
		fields = append(fields, reflect.StructField{
			Name: "F" + strconv.Itoa(i),
			Type: c.kind,
			Tag:  reflect.StructTag(`parquet:"` + c.name + c.options + `"`),
		})
	}
	schema := parquet.SchemaOf(reflect.New(reflect.StructOf(fields)).Interface())
	seal := seriesparquet.NewSeal(w)
	return parquetTable{
		out:   parquet.NewGenericWriter[any](seal, schema, seal.Option(), parquet.Compression(&parquet.Snappy), parquet.MaxRowsPerRowGroup(int64(most))),
		seal:  seal,
		times: times{kind: kind},
	}
}

// parquetTime is the column ds.
func parquetTime(kind job.TimeKind) column {
	count := reflect.TypeFor[int64]()
	switch kind {
	case job.TimeStep:
		return column{"ds", count, ""}
	case job.TimeDate:
		return column{"ds", reflect.TypeFor[int32](), ",date"}
	case job.TimeDatetime:
		return column{"ds", count, ",timestamp(microsecond:local)"}
	case job.TimeInstant:
		return column{"ds", count, ",timestamp(microsecond:utc)"}
	}
	return column{"ds", reflect.TypeFor[string](), ""}
}

func (w *parquetWriter) Write(r forecasttable.Rows) error {
	if err := r.Check(); err != nil {
		return err
	}
	ds, err := w.ds(r.DS)
	if err != nil {
		return err
	}
	asset, model := textValue(r.Asset, 0), textValue(r.Model, 2)
	w.rows, w.bounds = w.rows[:0], w.shape.Bounds(w.bounds[:0], r)
	for k, mean := range r.Mean {
		row := append(make(parquet.Row, 0, 5+len(w.bounds)), asset, ds[k].Level(0, 0, 1), model, parquet.DoubleValue(mean).Level(0, 0, 3))
		for i, b := range w.bounds {
			row = append(row, bound(b, k, 4+i))
		}
		if w.shape.Members {
			row = append(row, textValue(r.Members, len(row)))
		}
		w.rows = append(w.rows, row)
	}
	_, err = w.out.WriteRows(w.rows)
	return err
}

// ds are the values of the column ds.
func (w *parquetTable) ds(texts []string) ([]parquet.Value, error) {
	out := make([]parquet.Value, len(texts))
	if !counted(w.times.kind) {
		for k, text := range texts {
			out[k] = parquet.ByteArrayValue([]byte(text))
		}
		return out, nil
	}
	numbers, err := w.times.of(texts)
	for k, n := range numbers {
		out[k] = parquet.Int64Value(n)
		if w.times.kind == job.TimeDate {
			out[k] = parquet.Int32Value(int32(n))
		}
	}
	return out, err
}

// textValue is a text in an optional column, null where it is empty.
func textValue(text string, column int) parquet.Value {
	if text == "" {
		return parquet.NullValue().Level(0, 0, column)
	}
	return parquet.ByteArrayValue([]byte(text)).Level(0, 1, column)
}

// bound is a value of an optional column, which has the definition level 1 where
// it is there.
func bound(values forecasttable.Column, step, column int) parquet.Value {
	v, ok := values.At(step)
	if !ok {
		return parquet.NullValue().Level(0, 0, column)
	}
	return parquet.DoubleValue(v).Level(0, 1, column)
}

// Close ends the table.
func (w *parquetTable) Close() error { return w.seal.Close(w.out) }
