package series

import (
	"fmt"
	"io"

	"github.com/parquet-go/parquet-go"
)

// parquetBatch is how many rows go to the writer at once, parquetGroup how many make a row group, which the writer
// holds in memory.
const (
	parquetBatch = 4096
	parquetGroup = 1 << 20
)

// WriteParquet writes the table in the long form, unique_id, ds and y, asset by asset, with snappy. Dates are of
// Parquet's type DATE, times of TIMESTAMP in microseconds, steps of INT64. A value that was carried forward is null.
func (t *Table) WriteParquet(w io.Writer) error {
	schema := parquet.NewSchema("series", parquet.Group{
		"unique_id": parquet.Encoded(parquet.String(), &parquet.RLEDictionary),
		"ds":        t.parquetTime(),
		"y":         parquet.Optional(parquet.Leaf(parquet.DoubleType)),
	})
	// A group's columns are in the order of their names.
	const ds, id, y = 0, 1, 2
	out := parquet.NewWriter(w, schema, parquet.Compression(&parquet.Snappy), parquet.MaxRowsPerRowGroup(parquetGroup))
	cells := make([]parquet.Value, 3*parquetBatch)
	rows := make([]parquet.Row, 0, parquetBatch)
	flush := func() error {
		_, err := out.WriteRows(rows)
		rows = rows[:0]
		return err
	}
	name, last := parquet.Value{}, -1
	err := t.each(func(i, place int, value float64, present bool) error {
		row := cells[3*len(rows) : 3*len(rows)+3 : 3*len(rows)+3]
		if i != last {
			name, last = parquet.ByteArrayValue([]byte(t.names[i])).Level(0, 0, id), i
		}
		row[id] = name
		row[ds] = t.parquetValue(t.assets[i].axis.times[place]).Level(0, 0, ds)
		row[y] = parquet.NullValue().Level(0, 0, y)
		if present {
			row[y] = parquet.DoubleValue(value).Level(0, 1, y)
		}
		if rows = append(rows, row); len(rows) == parquetBatch {
			return flush()
		}
		return nil
	})
	if err == nil {
		err = flush()
	}
	if err == nil {
		err = out.Close()
	}
	if err != nil {
		return fmt.Errorf("write parquet: %w", err)
	}
	return nil
}

// parquetTime is the type of the column ds.
func (t *Table) parquetTime() parquet.Node {
	switch t.kind {
	case Step:
		return parquet.Leaf(parquet.Int64Type)
	case Date:
		return parquet.Date()
	}
	return parquet.TimestampAdjusted(parquet.Microsecond, t.kind == Instant)
}

func (t *Table) parquetValue(at int64) parquet.Value {
	if t.kind == Date {
		return parquet.Int32Value(int32(at))
	}
	return parquet.Int64Value(at)
}
