package parquet

import (
	"fmt"
	"math"
	"strings"
	"testing"

	parquetgo "github.com/parquet-go/parquet-go"

	"foliocast/internal/series"
	"foliocast/internal/series/seriestest"
)

// TestCompressionsGiveTheSameValues reads values that can hardly be compressed, and those that can, in every compression, both
// versions of pages, and row groups and pages of several sizes.
func TestCompressionsGiveTheSameValues(t *testing.T) {
	t.Parallel()
	type row struct {
		ID string   `parquet:"unique_id,dict"`
		At int64    `parquet:"ds"`
		Y  *float64 `parquet:"y"`
	}
	const n = 2000
	values := map[string]func(k int) float64{
		"roots":     func(k int) float64 { return math.Sqrt(float64(k)) * math.Pi },
		"a few":     func(k int) float64 { return float64(k % 3) },
		"one value": func(int) float64 { return 7.25 },
	}
	codecs := map[string]parquetgo.WriterOption{"none": parquetgo.Compression(&parquetgo.Uncompressed), "snappy": parquetgo.Compression(&parquetgo.Snappy), "gzip": parquetgo.Compression(&parquetgo.Gzip),
		"brotli": parquetgo.Compression(&parquetgo.Brotli), "zstd": parquetgo.Compression(&parquetgo.Zstd), "lz4": parquetgo.Compression(&parquetgo.Lz4Raw)}
	for what, value := range values {
		rows := make([]row, n)
		want := make(map[string]float64)
		for k := range rows {
			v := value(k)
			rows[k] = row{"A", int64(k), &v}
			if k%11 == 3 {
				rows[k].Y = nil
				continue
			}
			want[fmt.Sprint(k)] = v
		}
		for codec, option := range codecs {
			for version := 1; version <= 2; version++ {
				for _, size := range []int{900, 1 << 20} {
					t.Run(fmt.Sprintf("%s/%s/version %d/%d", what, codec, version, size), func(t *testing.T) {
						t.Parallel()
						file := packed(t, rows, option, parquetgo.DataPageVersion(version), parquetgo.PageBufferSize(size), parquetgo.MaxRowsPerRowGroup(int64(size)))
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

// The blocks are written by hand after LZ4's description of its block format.
func TestLZ4Size(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		block string
		want  int64 // -1 for a damaged block
	}{
		"no bytes":                  {"", -1},
		"nothing":                   {"\x00", 0},
		"literals":                  {"\x30abc", 3},
		"fifteen literals":          {"\xf0\x00" + strings.Repeat("a", 15), 15},
		"270 literals":              {"\xf0\xff\x00" + strings.Repeat("a", 270), 270},
		"a match, then a literal":   {"\x14a\x01\x00" + "\x10b", 1 + 8 + 1},
		"a long match":              {"\x1fa\x01\x00\xff\x01" + "\x10b", 1 + 15 + 256 + 4 + 1},
		"literals cut off":          {"\x40abc", -1},
		"a length cut off":          {"\xf0\xff", -1},
		"an offset cut off":         {"\x14a\x01", -1},
		"an offset of nothing":      {"\x14a\x00\x00\x10b", -1},
		"an offset before the data": {"\x14a\x02\x00\x10b", -1},
		"no literals at the end":    {"\x14a\x01\x00", -1},
		"a match without an offset": {"\x11a", -1},
	}
	for name, test := range tests {
		got, err := lz4Size([]byte(test.block))
		if err != nil {
			got = -1
		}
		if got != test.want {
			t.Errorf("%s: got %d, %v, want %d", name, got, err, test.want)
		}
	}
}

// The lengths in front of the blocks are those of Hadoop's BlockCompressorStream, four bytes each, the first the most
// significant.
func TestLZ4Blocks(t *testing.T) {
	t.Parallel()
	const abc, ab = "\x30abc", "\x20ab"
	tests := map[string]struct {
		page string
		want string // the contents; "damaged" for a damaged page
	}{
		"one block":            {"\x00\x00\x00\x03\x00\x00\x00\x04" + abc, "abc"},
		"two blocks":           {"\x00\x00\x00\x05\x00\x00\x00\x04" + abc + "\x00\x00\x00\x03" + ab, "abcab"},
		"two lengths":          {"\x00\x00\x00\x03\x00\x00\x00\x04" + abc + "\x00\x00\x00\x02\x00\x00\x00\x03" + ab, "abcab"},
		"a block alone":        {abc, "abc"},
		"nothing":              {"\x00\x00\x00\x00", ""},
		"a length too long":    {"\x00\x00\x00\x03\x00\x00\x00\x09" + abc, "damaged"},
		"contents too short":   {"\x00\x00\x00\x02\x00\x00\x00\x04" + abc, "damaged"},
		"a block that is none": {"\x00\x00\x00\x03\x00\x00\x00\x04" + "\x40abc", "damaged"},
	}
	for name, test := range tests {
		got := "damaged"
		blocks, size, err := lz4Blocks([]byte(test.page))
		if err == nil {
			contents, err := decompressLZ4(blocks, size)
			if err != nil || int64(len(contents)) != size {
				t.Errorf("%s: got %d bytes, %v, want %d", name, len(contents), err, size)
			}
			got = string(contents)
		}
		if got != test.want {
			t.Errorf("%s: got %q, %v, want %q", name, got, err, test.want)
		}
	}
}
