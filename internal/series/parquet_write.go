package series

import (
	"fmt"
	"io"

	"github.com/parquet-go/parquet-go"
)

// parquetBatch is how many rows go to the writer at once.
const parquetBatch = 4096

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
	out := parquet.NewWriter(w, schema, parquet.Compression(&parquet.Snappy))
	cells := make([]parquet.Value, 3*parquetBatch)
	rows := make([]parquet.Row, 0, parquetBatch)
	flush := func() error {
		_, err := out.WriteRows(rows)
		rows = rows[:0]
		return err
	}
	for i, name := range t.names {
		filled := t.assets[i].filled
		for k, v := range t.assets[i].values {
			row := cells[3*len(rows) : 3*len(rows)+3 : 3*len(rows)+3]
			row[id] = parquet.ByteArrayValue([]byte(name)).Level(0, 0, id)
			row[ds] = t.parquetValue(t.At(i, k)).Level(0, 0, ds)
			row[y] = parquet.DoubleValue(v).Level(0, 1, y)
			if len(filled) > 0 && int(filled[0]) == k {
				filled = filled[1:]
				row[y] = parquet.NullValue().Level(0, 0, y)
			}
			if rows = append(rows, row); len(rows) == parquetBatch {
				if err := flush(); err != nil {
					return fmt.Errorf("write parquet: %w", err)
				}
			}
		}
	}
	if err := flush(); err != nil {
		return fmt.Errorf("write parquet: %w", err)
	}
	if err := out.Close(); err != nil {
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

func (t *Table) parquetValue(at Time) parquet.Value {
	if t.kind == Date {
		return parquet.Int32Value(int32(at.N))
	}
	return parquet.Int64Value(at.N)
}
