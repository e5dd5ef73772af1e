package arrow

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	apache "github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"foliocast/internal/series"
	"foliocast/internal/series/seriestest"
)

// BenchmarkOpenArrow maps a file of 200,000 assets. What it takes does not depend on the number of values.
func BenchmarkOpenArrow(b *testing.B) {
	path := filepath.Join(b.TempDir(), "t.arrow")
	if err := os.WriteFile(path, seriestest.Written(b, Write, seriestest.Prices(b, 200_000, 30)), 0o600); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		t, err := Open(path)
		if err != nil {
			b.Fatal(err)
		}
		if err := t.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkReadArrowLong reads 350,000 rows of the long form in memory, in one record. MB/s are of the file.
func BenchmarkReadArrowLong(b *testing.B) {
	t := seriestest.Prices(b, 400, 875)
	ids := array.NewStringBuilder(memory.DefaultAllocator)
	dates := array.NewDate32Builder(memory.DefaultAllocator)
	numbers := array.NewFloat64Builder(memory.DefaultAllocator)
	for i, name := range t.Names() {
		for k, v := range t.Values(i) {
			ids.Append(name)
			dates.Append(apache.Date32(t.At(i, k).N))
			numbers.Append(v)
		}
	}
	schema := apache.NewSchema([]apache.Field{{Name: "unique_id", Type: apache.BinaryTypes.String},
		{Name: "ds", Type: apache.FixedWidthTypes.Date32}, {Name: "y", Type: apache.PrimitiveTypes.Float64}}, nil)
	var out bytes.Buffer
	w, err := ipc.NewFileWriter(&out, ipc.WithSchema(schema))
	if err != nil {
		b.Fatal(err)
	}
	columns := []apache.Array{ids.NewArray(), dates.NewArray(), numbers.NewArray()}
	if err := w.Write(array.NewRecordBatch(schema, columns, int64(columns[0].Len()))); err != nil {
		b.Fatal(err)
	}
	if err := w.Close(); err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(out.Len()))
	for b.Loop() {
		if _, _, err := Read(out.Bytes(), series.Options{}); err != nil {
			b.Fatal(err)
		}
	}
}
