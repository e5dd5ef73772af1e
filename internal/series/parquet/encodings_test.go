package parquet

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"testing"

	parquetgo "github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/encoding"

	"foliocast/internal/series"
	"foliocast/internal/series/seriestest"
)

// stored is a way to store numbers: a type with the encodings that it may have, and a number in it.
type stored struct {
	node      parquetgo.Node
	encodings map[string]encoding.Encoding
	value     func(n int64) parquetgo.Value
	scale     float64 // what the number is divided by
}

// storedNumbers are all ways to store numbers that the library writes.
func storedNumbers() map[string]stored {
	plain, dictionary := encoding.Encoding(&parquetgo.Plain), encoding.Encoding(&parquetgo.RLEDictionary)
	integers := map[string]encoding.Encoding{"plain": plain, "dictionary": dictionary, "deltas": &parquetgo.DeltaBinaryPacked, "split bytes": &parquetgo.ByteStreamSplit}
	floats := map[string]encoding.Encoding{"plain": plain, "dictionary": dictionary, "split bytes": &parquetgo.ByteStreamSplit}
	texts := map[string]encoding.Encoding{"plain": plain, "dictionary": dictionary, "lengths": &parquetgo.DeltaLengthByteArray, "deltas": &parquetgo.DeltaByteArray}
	fixed := map[string]encoding.Encoding{"plain": plain, "dictionary": dictionary, "deltas": &parquetgo.DeltaByteArray, "split bytes": &parquetgo.ByteStreamSplit}
	big := func(n int64) []byte { return binary.BigEndian.AppendUint64(nil, uint64(n)) }
	return map[string]stored{
		"int32":            {parquetgo.Leaf(parquetgo.Int32Type), integers, func(n int64) parquetgo.Value { return parquetgo.Int32Value(int32(n)) }, 1},
		"int64":            {parquetgo.Leaf(parquetgo.Int64Type), integers, parquetgo.Int64Value, 1},
		"uint32":           {parquetgo.Uint(32), integers, func(n int64) parquetgo.Value { return parquetgo.Int32Value(int32(uint32(n))) }, 1},
		"uint64":           {parquetgo.Uint(64), integers, parquetgo.Int64Value, 1},
		"int8":             {parquetgo.Int(8), integers, func(n int64) parquetgo.Value { return parquetgo.Int32Value(int32(n)) }, 1},
		"float":            {parquetgo.Leaf(parquetgo.FloatType), floats, func(n int64) parquetgo.Value { return parquetgo.FloatValue(float32(n)) }, 1},
		"double":           {parquetgo.Leaf(parquetgo.DoubleType), floats, func(n int64) parquetgo.Value { return parquetgo.DoubleValue(float64(n)) }, 1},
		"decimal in int64": {parquetgo.Decimal(2, 18, parquetgo.Int64Type), integers, parquetgo.Int64Value, 100},
		"decimal in bytes": {parquetgo.Decimal(2, 18, parquetgo.ByteArrayType), texts, func(n int64) parquetgo.Value { return parquetgo.ByteArrayValue(big(n)) }, 100},
		"decimal in eight": {parquetgo.Decimal(2, 18, parquetgo.FixedLenByteArrayType(8)), fixed, func(n int64) parquetgo.Value { return parquetgo.FixedLenByteArrayValue(big(n)) }, 100},
	}
}

// TestEncodings stores the same numbers in every type and encoding, with nulls and without, in both versions of pages.
func TestEncodings(t *testing.T) {
	t.Parallel()
	const n = 600
	for name, s := range storedNumbers() {
		for called, e := range s.encodings {
			for _, version := range []int{1, 2} {
				for every := range 3 { // no nulls, half of the values, a third
					t.Run(fmt.Sprintf("%s/%s/version %d/%d", name, called, version, every), func(t *testing.T) {
						t.Parallel()
						isNull := func(k int) bool { return every > 0 && k%(every+1) == 1 }
						number := func(k int) int64 { return int64(k*k) % 128 }
						want := make(map[string]float64)
						node := parquetgo.Encoded(s.node, e)
						if every > 0 {
							node = parquetgo.Optional(node)
						}
						file := longFileOf(t, node, n, func(k int) parquetgo.Value {
							if isNull(k) {
								return parquetgo.NullValue()
							}
							want[fmt.Sprint(k)] = float64(number(k)) / s.scale
							return s.value(number(k))
						}, parquetgo.DataPageVersion(version), parquetgo.PageBufferSize(700))
						table, _, err := Read(file, series.Options{})
						if err != nil {
							t.Fatal(err)
						}
						seriestest.Equal(t, "values", seriestest.Seen(table), seriestest.Observed{"A": want})
					})
				}
			}
		}
	}
}

// longFileOf is a file of n integer steps from 0 on, with values of a type.
func longFileOf(t testing.TB, y parquetgo.Node, n int, value func(k int) parquetgo.Value, options ...parquetgo.WriterOption) []byte {
	t.Helper()
	schema := parquetgo.NewSchema("series", parquetgo.Group{"unique_id": parquetgo.String(), "step": parquetgo.Encoded(parquetgo.Int(64), &parquetgo.DeltaBinaryPacked), "y": y})
	var out bytes.Buffer
	w := parquetgo.NewWriter(&out, append(options, schema)...)
	for k := range n {
		v, level := value(k), 0
		if y.Optional() && !v.IsNull() {
			level = 1
		}
		// The columns of a group are in the order of their names.
		row := parquetgo.Row{parquetgo.Int64Value(int64(k)).Level(0, 0, 0), parquetgo.ByteArrayValue([]byte("A")).Level(0, 0, 1), v.Level(0, level, 2)}
		if _, err := w.WriteRows([]parquetgo.Row{row}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// Deltas of the widest kind: between the least and the greatest numbers of 64 bits, and of 32.
func TestWideDeltas(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		node  parquetgo.Node
		items []parquetgo.Value
		want  []float64
	}{
		"int64":  {parquetgo.Int(64), []parquetgo.Value{parquetgo.Int64Value(math.MinInt64), parquetgo.Int64Value(math.MaxInt64), parquetgo.Int64Value(0), parquetgo.Int64Value(math.MinInt64)}, []float64{-1 << 63, 1 << 63, 0, -1 << 63}},
		"uint64": {parquetgo.Uint(64), []parquetgo.Value{parquetgo.Int64Value(-1), parquetgo.Int64Value(0), parquetgo.Int64Value(math.MinInt64)}, []float64{1 << 64, 0, 1 << 63}},
		"int32":  {parquetgo.Int(32), []parquetgo.Value{parquetgo.Int32Value(math.MinInt32), parquetgo.Int32Value(math.MaxInt32), parquetgo.Int32Value(-1)}, []float64{-1 << 31, 1<<31 - 1, -1}},
		"uint32": {parquetgo.Uint(32), []parquetgo.Value{parquetgo.Int32Value(-1), parquetgo.Int32Value(0), parquetgo.Int32Value(math.MinInt32)}, []float64{1<<32 - 1, 0, 1 << 31}},
	} {
		table, _, err := Read(longFile(t, parquetgo.Encoded(test.node, &parquetgo.DeltaBinaryPacked), test.items), series.Options{})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		seriestest.Equal(t, name, seriestest.Values(table), map[string][]float64{"A": test.want})
	}
}

func TestColumnsLeftOut(t *testing.T) {
	t.Parallel()
	got := readObserved(t, "polars-types.parquet", series.Options{Drop: []string{"u*", "nothing"}})
	seriestest.Equal(t, "values", got, seriestest.Observed{"i8": {"2024-01-01": -128, "2024-01-03": 127}})
	type mixed struct {
		Day  int32     `parquet:"day,date"`
		A    float64   `parquet:"A"`
		List []float64 `parquet:"list,list"`
		Note string    `parquet:"note"`
	}
	file := packed(t, []mixed{{18262, 1, nil, "x"}, {18263, 2, []float64{1, 2}, "y"}})
	for _, o := range []series.Options{{Drop: []string{"list", "note"}}, {Columns: []string{"A"}}} {
		table, _, err := Read(file, o)
		if err != nil {
			t.Fatalf("%+v: %v", o, err)
		}
		seriestest.Equal(t, "values", seriestest.Seen(table), seriestest.Observed{"A": {"2020-01-01": 1, "2020-01-02": 2}})
	}
}
