package series

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

// synthetic is a table of daily prices with two decimals, by a fixed rule.
func synthetic(b *testing.B, assets, days int) *Table {
	b.Helper()
	s := source{kind: Date, rows: int64(days), audit: new(Audit)}
	s.lines.at(0, 2)
	times := make([]int64, days)
	for k := range times {
		times[k] = int64(18262 + k)
	}
	state := uint64(1)
	for i := range assets {
		y := make([]float64, days)
		for k := range y {
			state = state*6364136223846793005 + 1442695040888963407 // Knuth's MMIX generator
			y[k] = float64(5000+state>>52) / 100
		}
		s.columns = append(s.columns, column{name: "asset" + Time{Step, int64(i)}.String(), times: times, values: y})
	}
	t, _, err := assemble(&s, Options{})
	if err != nil {
		b.Fatal(err)
	}
	return t
}

// benchmarkRead measures reading a file in memory; MB/s are of the file.
func benchmarkRead(b *testing.B, data []byte, f Format) {
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		if _, _, err := readBytes(data, f, Options{}); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkReadCSVLong reads 350,000 rows, about as many as the M4 competition has of hours.
func BenchmarkReadCSVLong(b *testing.B) {
	var out bytes.Buffer
	if err := synthetic(b, 400, 875).WriteCSV(&out); err != nil {
		b.Fatal(err)
	}
	benchmarkRead(b, out.Bytes(), CSV)
}

// BenchmarkReadParquet reads the same rows.
func BenchmarkReadParquet(b *testing.B) {
	var out bytes.Buffer
	if err := synthetic(b, 400, 875).WriteParquet(&out); err != nil {
		b.Fatal(err)
	}
	benchmarkRead(b, out.Bytes(), Parquet)
}

// BenchmarkWriteCSV writes the same rows.
func BenchmarkWriteCSV(b *testing.B) {
	t := synthetic(b, 400, 875)
	for b.Loop() {
		var out bytes.Buffer
		if err := t.WriteCSV(&out); err != nil {
			b.Fatal(err)
		}
		b.SetBytes(int64(out.Len()))
	}
}

// BenchmarkOpenArrow maps a file of 200,000 assets. What it takes does not depend on the number of values.
func BenchmarkOpenArrow(b *testing.B) {
	path := filepath.Join(b.TempDir(), "t.arrow")
	file, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	if err := synthetic(b, 200_000, 30).WriteArrow(file); err != nil {
		b.Fatal(err)
	}
	if err := file.Close(); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		_, closeFile, err := OpenArrow(path)
		if err != nil {
			b.Fatal(err)
		}
		if err := closeFile(); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkReadArrowLong reads the same rows from an Arrow file in the long form, in one record.
func BenchmarkReadArrowLong(b *testing.B) {
	t := synthetic(b, 400, 875)
	ids := array.NewStringBuilder(memory.DefaultAllocator)
	dates := array.NewDate32Builder(memory.DefaultAllocator)
	numbers := array.NewFloat64Builder(memory.DefaultAllocator)
	for i, name := range t.Names() {
		for k, v := range t.Values(i) {
			ids.Append(name)
			dates.Append(arrow.Date32(t.At(i, k).N))
			numbers.Append(v)
		}
	}
	schema := arrow.NewSchema([]arrow.Field{{Name: "unique_id", Type: arrow.BinaryTypes.String},
		{Name: "ds", Type: arrow.FixedWidthTypes.Date32}, {Name: "y", Type: arrow.PrimitiveTypes.Float64}}, nil)
	var out bytes.Buffer
	w, err := ipc.NewFileWriter(&out, ipc.WithSchema(schema))
	if err != nil {
		b.Fatal(err)
	}
	columns := []arrow.Array{ids.NewArray(), dates.NewArray(), numbers.NewArray()}
	if err := w.Write(array.NewRecordBatch(schema, columns, int64(columns[0].Len()))); err != nil {
		b.Fatal(err)
	}
	if err := w.Close(); err != nil {
		b.Fatal(err)
	}
	benchmarkRead(b, out.Bytes(), Arrow)
}
