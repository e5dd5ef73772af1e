package parquet

import (
	"encoding/binary"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	parquetgo "github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"

	"foliocast/internal/series"
	"foliocast/internal/series/seriestest"
)

// footed is a file of nothing but a footer.
func footed(t testing.TB, m *format.FileMetaData) []byte {
	t.Helper()
	footer, err := thrift.Marshal(new(thrift.CompactProtocol), m)
	if err != nil {
		t.Fatal(err)
	}
	file := append([]byte(magic), footer...)
	return append(binary.LittleEndian.AppendUint32(file, uint32(len(footer))), magic...)
}

// deep is a schema of one column inside the given number of structs.
func deep(levels int) []format.SchemaElement {
	var schema []format.SchemaElement
	for k := range levels {
		schema = append(schema, format.SchemaElement{Name: fmt.Sprintf("level%027d", k), NumChildren: thrift.New[int32](1)})
	}
	return append(schema, format.SchemaElement{Name: "y", Type: thrift.New(format.Double)})
}

// A schema is bounded before the library builds its types, for which it took time and memory with the square of the depth: 12 s
// and 432 MB for 3,000 levels.
//
// Not parallel: it compares the memory of the whole process.
func TestHugeSchemas(t *testing.T) {
	wide := []format.SchemaElement{{Name: "root", NumChildren: thrift.New(int32(series.MaxColumns + 1))}}
	for k := range series.MaxColumns + 1 {
		wide = append(wide, format.SchemaElement{Name: fmt.Sprint(k), Type: thrift.New(format.Double)})
	}
	tests := map[string]struct {
		schema []format.SchemaElement
		want   string
		most   uint64 // bytes allocated
	}{
		"3,000 levels":      {deep(3_000), "more than 32 levels deep", 8 << 20},
		"100,000 levels":    {deep(100_000), "more than 32 levels deep", 256 << 20},
		"too many elements": {wide, "has 262146 elements, and may have 262144", 512 << 20},
		"33 levels":         {deep(33), "more than 32 levels deep", 1 << 20},
	}
	for name, test := range tests {
		file := footed(t, &format.FileMetaData{Version: 1, Schema: test.schema})
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		start := time.Now()
		_, _, err := Read(file, series.Options{})
		took := time.Since(start)
		runtime.ReadMemStats(&after)
		if r := seriestest.Rejection(t, err); !strings.Contains(r.Error(), test.want) {
			t.Errorf("%s: error %q does not say %q", name, r, test.want)
		}
		if n := after.TotalAlloc - before.TotalAlloc; n > test.most {
			t.Errorf("%s: reading %d bytes allocated %d bytes, want at most %d", name, len(file), n, test.most)
		}
		if took > 3*time.Second {
			t.Errorf("%s: it took %v", name, took)
		}
	}
}

// Structs and lists in columns that nobody reads are no reason to refuse a file.
func TestSchemaOfSomeDepthIsRead(t *testing.T) {
	t.Parallel()
	type row struct {
		Step int64   `parquet:"step"`
		A    float64 `parquet:"A"`
		Note struct {
			By struct {
				Names []string `parquet:"names,list"`
			} `parquet:"by"`
		} `parquet:"note"`
	}
	file := packed(t, []row{{Step: 1, A: 1}, {Step: 2, A: 2}})
	if _, _, err := Read(file, series.Options{Drop: []string{"note"}}); err != nil {
		t.Error(err)
	}
}

// A page that claims more values than there are rows must not make room for them: 2^30 deltas of no bits are 64 kB, and were
// 8 GB.
//
// Not parallel: it compares the memory of the whole process.
func TestPageOfTooManyValues(t *testing.T) {
	const values = 1 << 30
	body := binary.AppendUvarint(nil, 1<<16)                           // numbers in a block
	body = binary.AppendUvarint(binary.AppendUvarint(body, 1), values) // parts of a block, numbers
	body = binary.AppendVarint(body, 1)
	for range values >> 16 {
		body = append(body, 0, 0) // the least delta, and the width of the part
	}
	header, err := thrift.Marshal(new(thrift.CompactProtocol), &format.PageHeader{Type: format.DataPage,
		UncompressedPageSize: int32(len(body)), CompressedPageSize: int32(len(body)),
		DataPageHeader: thrift.New(format.DataPageHeader{NumValues: values, Encoding: format.DeltaBinaryPacked})})
	if err != nil {
		t.Fatal(err)
	}
	page := append(header, body...)
	file := packed(t, []steppedRow{{"A", 1, 1}, {"A", 2, 2}}, parquetgo.DataPageVersion(1))
	file = refooted(t, append(page, file...), func(m *format.FileMetaData) {
		for i := range m.RowGroups[0].Columns {
			c := &m.RowGroups[0].Columns[i].MetaData
			c.DataPageOffset += int64(len(page))
			if c.DictionaryPageOffset > 0 {
				c.DictionaryPageOffset += int64(len(page))
			}
			if c.PathInSchema[0] == "step" {
				c.DataPageOffset, c.DictionaryPageOffset, c.TotalCompressedSize = 4, 0, int64(len(page))
			}
		}
	})
	copy(file[4:], page) // behind the magic number
	copy(file, magic)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, _, err = Read(file, series.Options{})
	runtime.ReadMemStats(&after)
	if r := seriestest.Rejection(t, err); !strings.Contains(r.Error(), "more values than the file has rows") {
		t.Errorf("got %v", r)
	}
	if n := after.TotalAlloc - before.TotalAlloc; n > 16<<20 {
		t.Errorf("reading %d bytes allocated %d bytes", len(file), n)
	}
}

// Pages count before there is room for them, whatever comes out of them.
func TestPageBeyondTheBudget(t *testing.T) {
	t.Parallel()
	name := strings.Repeat("a", 4<<20) // which the reader refuses, once it has it
	file := packed(t, []steppedRow{{name, 1, 1}, {name + "b", 1, 1}}, parquetgo.SkipPageBounds("series_id"))
	b := series.NewPool(4<<20, time.Minute).Budget(t.Context())
	defer b.Close()
	_, _, err := Read(file, series.Options{Budget: b})
	if r := seriestest.Rejection(t, err); !strings.Contains(r.Error(), "MB of memory or more, and the service has 3 MB for a file") {
		t.Errorf("got %.200v", r)
	}
}
