package formats

import (
	"fmt"
	"io"
	"reflect"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/parquet-go/parquet-go"

	"foliocast/internal/forecasttable"
	"foliocast/internal/job"
)

// NewPaths returns a writer of a table of paths, whose times are of the given kind. An error of w may surface only at the writer's Close.
func NewPaths(w io.Writer, f forecasttable.Format, kind job.TimeKind) (forecasttable.PathWriter, error) {
	switch f {
	case forecasttable.CSV:
		return forecasttable.NewPathsCSV(w), nil
	case forecasttable.Arrow, forecasttable.ArrowStream:
		return newArrowPaths(w, kind, f == forecasttable.Arrow)
	case forecasttable.Parquet:
		return newParquetPaths(w, kind), nil
	}
	return nil, fmt.Errorf("%q is not a file format of a table", f)
}

// arrowPaths writes paths as Arrow. The name of the portfolio is null.
type arrowPaths struct {
	arrowTable
	asset *array.StringBuilder
	path  *array.Int32Builder
	value *array.Float64Builder
}

func newArrowPaths(w io.Writer, kind job.TimeKind, file bool) (*arrowPaths, error) {
	names := forecasttable.PathColumns()
	schema := arrow.NewSchema([]arrow.Field{
		{Name: names[0], Type: arrow.BinaryTypes.String, Nullable: true},
		{Name: names[1], Type: arrow.PrimitiveTypes.Int32},
		{Name: names[2], Type: arrowTime(kind)},
		{Name: names[3], Type: arrow.PrimitiveTypes.Float64},
	}, nil)
	table, err := newArrowTable(w, schema, file, kind, maxBatchRows)
	if err != nil {
		return nil, err
	}
	return &arrowPaths{table, table.batch.Field(0).(*array.StringBuilder), table.batch.Field(1).(*array.Int32Builder), table.batch.Field(3).(*array.Float64Builder)}, nil
}

func (w *arrowPaths) Write(p forecasttable.Paths) error {
	if err := p.Check(); err != nil {
		return err
	}
	for i, path := range p.Values {
		if err := w.addTimes(w.batch.Field(2), p.DS); err != nil {
			return err
		}
		for range path {
			if w.path.Append(int32(i)); p.Asset == "" {
				w.asset.AppendNull()
			} else {
				w.asset.Append(p.Asset)
			}
		}
		w.value.AppendValues(path, nil)
		if err := w.added(len(path)); err != nil {
			return err
		}
	}
	return nil
}

// parquetPaths writes paths as a sealed Parquet file. The name of the portfolio is null.
type parquetPaths struct{ parquetTable }

func newParquetPaths(w io.Writer, kind job.TimeKind) *parquetPaths {
	names, ds := forecasttable.PathColumns(), parquetTime(kind)
	ds.name = names[2]
	return &parquetPaths{newParquetTable(w, kind, maxBatchRows, []column{
		{names[0], reflect.TypeFor[string](), ",optional,dict"}, {names[1], reflect.TypeFor[int32](), ""}, ds, {names[3], reflect.TypeFor[float64](), ""},
	})}
}

func (w *parquetPaths) Write(p forecasttable.Paths) error {
	if err := p.Check(); err != nil {
		return err
	}
	ds, err := w.ds(p.DS)
	if err != nil {
		return err
	}
	asset := textValue(p.Asset, 0)
	for i, path := range p.Values {
		w.rows = w.rows[:0]
		for k, v := range path {
			w.rows = append(w.rows, parquet.Row{asset, parquet.Int32Value(int32(i)).Level(0, 0, 1), ds[k].Level(0, 0, 2), parquet.DoubleValue(v).Level(0, 0, 3)})
		}
		if _, err := w.out.WriteRows(w.rows); err != nil {
			return err
		}
	}
	return nil
}
