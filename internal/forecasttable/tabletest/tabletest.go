// Package tabletest reads tables of forecasts for tests: a file of any format
// becomes the rows of text that CSV has, by the libraries for the formats and
// none of our own code.
package tabletest

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/parquet-go/parquet-go"

	"foliocast/internal/forecasttable"
)

// Read returns the header and the rows. A null is an empty text.
func Read(f forecasttable.Format, file []byte) ([][]string, error) {
	switch f {
	case forecasttable.CSV:
		return csv.NewReader(bytes.NewReader(file)).ReadAll()
	case forecasttable.Arrow:
		return readFile(file)
	case forecasttable.ArrowStream:
		return readStream(file)
	case forecasttable.Parquet:
		return readParquet(file)
	}
	return nil, fmt.Errorf("%q is not a file format of a table", f)
}

func readFile(file []byte) ([][]string, error) {
	r, err := ipc.NewFileReader(bytes.NewReader(file))
	if err != nil {
		return nil, err
	}
	defer r.Close()
	rows := [][]string{header(r.Schema())}
	for i := range r.NumRecords() {
		batch, err := r.RecordBatchAt(i)
		if err != nil {
			return nil, err
		}
		rows = append(rows, batchRows(batch)...)
	}
	return rows, nil
}

func readStream(file []byte) ([][]string, error) {
	r, err := ipc.NewReader(bytes.NewReader(file))
	if err != nil {
		return nil, err
	}
	defer r.Release()
	rows := [][]string{header(r.Schema())}
	for r.Next() {
		rows = append(rows, batchRows(r.RecordBatch())...)
	}
	return rows, r.Err()
}

func header(s *arrow.Schema) []string {
	var names []string
	for _, f := range s.Fields() {
		names = append(names, f.Name)
	}
	return names
}

func batchRows(b arrow.RecordBatch) [][]string {
	var rows [][]string
	for k := range int(b.NumRows()) {
		row := make([]string, b.NumCols())
		for i, column := range b.Columns() {
			row[i] = arrowText(column, k)
		}
		rows = append(rows, row)
	}
	return rows
}

func arrowText(column arrow.Array, k int) string {
	if column.IsNull(k) {
		return ""
	}
	switch c := column.(type) {
	case *array.String:
		return c.Value(k)
	case *array.Int32:
		return strconv.FormatInt(int64(c.Value(k)), 10)
	case *array.Int64:
		return strconv.FormatInt(c.Value(k), 10)
	case *array.Float64:
		return strconv.FormatFloat(c.Value(k), 'g', -1, 64)
	case *array.Date32:
		return c.Value(k).ToTime().Format(time.DateOnly)
	case *array.Timestamp:
		zone := c.DataType().(*arrow.TimestampType).TimeZone
		return timeOfDay(int64(c.Value(k)), zone != "")
	}
	return fmt.Sprintf("%T", column)
}

// timeOfDay writes microseconds since 1970 as an instant or as a local time.
func timeOfDay(micros int64, instant bool) string {
	at := time.UnixMicro(micros).UTC()
	if instant {
		return at.Format("2006-01-02T15:04:05.999999Z07:00")
	}
	return at.Format("2006-01-02 15:04:05.999999")
}

func readParquet(file []byte) ([][]string, error) {
	f, err := parquet.OpenFile(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		return nil, err
	}
	fields := f.Schema().Fields()
	var names []string
	for _, field := range fields {
		names = append(names, field.Name())
	}
	rows := [][]string{names}
	for _, group := range f.RowGroups() {
		r := group.Rows()
		defer r.Close()
		for {
			buffer := make([]parquet.Row, 100)
			n, err := r.ReadRows(buffer)
			for _, values := range buffer[:n] {
				row := make([]string, len(values))
				for i, v := range values {
					row[i] = parquetText(v, fields[i].Type().String())
				}
				rows = append(rows, row)
			}
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				return nil, err
			}
		}
	}
	return rows, nil
}

func parquetText(v parquet.Value, kind string) string {
	switch {
	case v.IsNull():
		return ""
	case kind == "DATE":
		return time.Unix(int64(v.Int32())*24*60*60, 0).UTC().Format(time.DateOnly)
	case strings.HasPrefix(kind, "TIMESTAMP"):
		return timeOfDay(v.Int64(), strings.Contains(kind, "isAdjustedToUTC=true"))
	case v.Kind() == parquet.Double:
		return strconv.FormatFloat(v.Double(), 'g', -1, 64)
	}
	return v.String()
}
