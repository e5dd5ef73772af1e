package parquet

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	parquetgo "github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"

	"foliocast/internal/series"
	"foliocast/internal/series/seriestest"
)

// flips are the changes of a byte in each of its bits, and in all.
var flips = [...]byte{1, 2, 4, 8, 16, 32, 64, 128, 0xff}

// damaged calls a function with the file after each of the changes of each of its bytes.
func damaged(file []byte, changes []byte, do func(at int, data []byte)) {
	data := bytes.Clone(file)
	for at := range file {
		for _, change := range changes {
			data[at] = file[at] ^ change
			do(at, data)
		}
		data[at] = file[at]
	}
}

// TestDamageNeverGivesOtherValues changes each byte of files that Write wrote: each is refused, or read with its values.
func TestDamageNeverGivesOtherValues(t *testing.T) {
	t.Parallel()
	for kind, text := range map[string]string{
		"dates":    seriestest.Small,
		"steps":    "unique_id,ds,y\nA,1,1\nA,2,2\nA,3,4\nB,1,5\nB,2,6\n",
		"clocks":   "ds,A,B\n2020-01-01 05:00:00,1,10\n2020-01-01 06:00:00,2,20\n2020-01-01 07:00:00,3,30\n",
		"instants": "ds,A\n2020-01-01T05:00:00Z,1\n2020-01-01T06:00:00Z,2\n2020-01-01T07:00:00Z,3\n",
	} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			table, _ := seriestest.ReadText(t, text, series.Options{})
			file, want := seriestest.Written(t, Write, table), seriestest.Show(table)
			refused := 0
			damaged(file, flips[:], func(at int, data []byte) {
				got, _, err := Read(data, series.Options{})
				if err != nil {
					seriestest.Rejection(t, err)
					refused++
				} else if diff := cmp.Diff(seriestest.Show(got), want); diff != "" {
					t.Errorf("byte %d of %d from %#x to %#x: got (-) and want (+) differ:\n%s", at, len(file), file[at], data[at], diff)
				}
			})
			// Only changes of the seal's own text leave the file readable.
			if least := len(flips) * (len(file) - len(sealText)); refused < least {
				t.Errorf("%d changes were refused, want %d at least", refused, least)
			}
		})
	}
}

// TestSealedFileCutOff reads the beginnings of a sealed file.
func TestSealedFileCutOff(t *testing.T) {
	t.Parallel()
	table, _ := seriestest.ReadText(t, seriestest.Small, series.Options{})
	file := seriestest.Written(t, Write, table)
	for n := range file {
		_, _, err := Read(file[:n], series.Options{})
		seriestest.Rejection(t, err)
	}
}

// foreignFiles are files without a seal as other programs write them; the library gives all pages checksums.
func foreignFiles(t testing.TB) map[string][]byte {
	return map[string][]byte{
		"plain":       packed(t, []datedRow{{"A", 1, ptr(1)}, {"A", 2, nil}, {"B", 1, ptr(2)}}),
		"zstd":        packed(t, []steppedRow{{"A", 1, 1}, {"A", 2, 2}, {"B", 1, 3}}, parquetgo.Compression(&parquetgo.Zstd)),
		"version 1":   packed(t, []textRow{{"2020-01-01", "A", 1}}, parquetgo.Compression(&parquetgo.Snappy), parquetgo.DataPageVersion(1)),
		"split bytes": packed(t, []textRow{{"2020-01-01", "A", 1}, {"2020-01-02", "A", 2}}),
		"lz4":         packed(t, []steppedRow{{"A", 1, 1}, {"A", 2, 2}, {"B", 1, 3}}, parquetgo.Compression(&parquetgo.Lz4Raw)),
		"brotli":      packed(t, []steppedRow{{"A", 1, 1}, {"A", 2, 2}, {"B", 1, 3}}, parquetgo.Compression(&parquetgo.Brotli), parquetgo.DataPageVersion(1)),
		"deltas": longFile(t, parquetgo.Encoded(parquetgo.Decimal(2, 10, parquetgo.ByteArrayType), &parquetgo.DeltaByteArray),
			bytesOf(false, "\x04\xd2", "\x04\xd3", "\x04")),
		"lengths": longFile(t, parquetgo.Encoded(parquetgo.Decimal(2, 10, parquetgo.ByteArrayType), &parquetgo.DeltaLengthByteArray),
			bytesOf(false, "\x04\xd2", "\x04\xd3", "\x04")),
	}
}

// pages tells which bytes of a file belong to the contents of pages, which the format protects by checksums.
func pages(t *testing.T, file []byte) []bool {
	t.Helper()
	f, err := parquetgo.OpenFile(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	inPage := make([]bool, len(file))
	for _, group := range f.Metadata().RowGroups {
		for _, column := range group.Columns {
			c := column.MetaData
			from := c.DataPageOffset
			if c.DictionaryPageOffset != 0 {
				from = c.DictionaryPageOffset
			}
			end := from + c.TotalCompressedSize
			for from < end {
				n, err := thriftLength(file[from:end])
				if err != nil {
					t.Fatal(err)
				}
				var h format.PageHeader
				if err := thrift.Unmarshal(new(thrift.CompactProtocol), file[from:from+int64(n)], &h); err != nil {
					t.Fatal(err)
				}
				if h.CRC == 0 {
					t.Fatal("a page has no checksum")
				}
				from += int64(n)
				for range h.CompressedPageSize {
					inPage[from] = true
					from++
				}
			}
		}
	}
	return inPage
}

// TestDamageToPagesIsRefused changes each byte of the pages of files without a seal: their own checksums tell.
func TestDamageToPagesIsRefused(t *testing.T) {
	t.Parallel()
	for name, file := range foreignFiles(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inPage := pages(t, file)
			if !slices.Contains(inPage, true) {
				t.Fatal("the file has no pages")
			}
			damaged(file, flips[:], func(at int, data []byte) {
				if !inPage[at] {
					return
				}
				if _, _, err := Read(data, series.Options{}); err == nil {
					t.Errorf("byte %d from %#x to %#x: the file is read", at, file[at], data[at])
				} else if r := seriestest.Rejection(t, err); !strings.Contains(r.Error(), "column") {
					t.Errorf("byte %d: error %q does not name the column", at, r)
				}
			})
		})
	}
}

// TestDamageGivesAValidTable changes each byte of files without a seal. Where the format has no checksum, in the headers
// of pages and in the footer, a changed byte can name another type or encoding of the same bytes. No reader can notice
// that, but none may fail in another way than by refusing the file.
func TestDamageGivesAValidTable(t *testing.T) {
	t.Parallel()
	files := foreignFiles(t)
	for _, name := range programFiles {
		files[name] = programFile(t, name)
	}
	for name, file := range files {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			damaged(file, []byte{1, 0x7f, 0xff}, func(_ int, data []byte) {
				if table, _, err := Read(data, series.Options{}); err == nil {
					seriestest.Valid(t, table)
				} else {
					seriestest.Rejection(t, err)
				}
			})
		})
	}
}

// A program that reads a file and writes it again, with all metadata but its own name, makes a file without our seal.
func TestFileWrittenAgainNeedsNoSeal(t *testing.T) {
	t.Parallel()
	rows := []steppedRow{{"A", 1, 1}, {"A", 2, 2}}
	for _, by := range []string{"another program", "foliocast"} {
		file := packed(t, rows, parquetgo.CreatedBy(by, "1 ", "abc"))
		if _, _, err := Read(file, series.Options{}); err != nil {
			t.Errorf("created by %s: %v", by, err)
		}
	}
	sealed := packed(t, rows, parquetgo.CreatedBy("foliocast", "1 ", fmt.Sprintf("crc32-%08x", 1)))
	_, _, err := Read(sealed, series.Options{})
	if r := seriestest.Rejection(t, err); !strings.Contains(r.Error(), "damaged") {
		t.Errorf("a wrong checksum: got error %v", err)
	}
}
