package parquet

import (
	"errors"
	"fmt"
	"io"

	parquetgo "github.com/parquet-go/parquet-go"

	"foliocast/internal/series"
)

// batchRows is how many rows go to the writer at once, groupRows how many are in a row group, which the writer holds in memory.
const (
	batchRows = 4096
	groupRows = 1 << 20
)

// Write writes the table in the long form, unique_id, ds and y, asset by asset, with snappy. Dates are of Parquet's type
// DATE, times of TIMESTAMP in microseconds, steps of INT64. A value that was carried forward is null.
// The file has a [Seal], and its pages have checksums.
func Write(w io.Writer, t *series.Table) error {
	schema := parquetgo.NewSchema("series", parquetgo.Group{
		"unique_id": parquetgo.Encoded(parquetgo.String(), &parquetgo.RLEDictionary),
		"ds":        timeType(t.Kind()),
		"y":         parquetgo.Optional(parquetgo.Leaf(parquetgo.DoubleType)),
	})
	// The columns of a group are in the order of their names.
	const ds, id, y = 0, 1, 2
	seal := NewSeal(w)
	out := parquetgo.NewWriter(seal, schema, seal.Option(), parquetgo.Compression(&parquetgo.Snappy), parquetgo.MaxRowsPerRowGroup(groupRows))
	cells := make([]parquetgo.Value, 3*batchRows)
	rows := make([]parquetgo.Row, 0, batchRows)
	flush := func() error {
		_, err := out.WriteRows(rows)
		rows = rows[:0]
		return err
	}
	var name parquetgo.Value
	var times []int64
	last := -1
	for r := range t.Rows() {
		if r.Asset != last {
			name, last = parquetgo.ByteArrayValue([]byte(t.Names()[r.Asset])).Level(0, 0, id), r.Asset
			times = t.Axis(r.Asset).Times()
		}
		row := cells[3*len(rows) : 3*len(rows)+3 : 3*len(rows)+3]
		row[id] = name
		row[ds] = timeValue(t.Kind(), times[r.Place]).Level(0, 0, ds)
		row[y] = parquetgo.NullValue().Level(0, 0, y)
		if r.Present {
			row[y] = parquetgo.DoubleValue(r.Value).Level(0, 1, y)
		}
		if rows = append(rows, row); len(rows) == batchRows {
			if err := flush(); err != nil {
				return fmt.Errorf("write Parquet: %w", err)
			}
		}
	}
	if err := errors.Join(flush(), seal.Close(out)); err != nil {
		return fmt.Errorf("write Parquet: %w", err)
	}
	return nil
}

// timeType is the type of the column ds.
func timeType(kind series.Kind) parquetgo.Node {
	switch kind {
	case series.Step:
		return parquetgo.Leaf(parquetgo.Int64Type)
	case series.Date:
		return parquetgo.Date()
	}
	return parquetgo.TimestampAdjusted(parquetgo.Microsecond, kind == series.Instant)
}

func timeValue(kind series.Kind, at int64) parquetgo.Value {
	if kind == series.Date {
		return parquetgo.Int32Value(int32(at))
	}
	return parquetgo.Int64Value(at)
}
