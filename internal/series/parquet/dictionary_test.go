package parquet

import (
	"bytes"
	"encoding/binary"
	"errors"
	"strings"
	"testing"

	parquetgo "github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"

	"foliocast/internal/series"
	"foliocast/internal/series/seriestest"
)

// An index beyond the dictionary is a fault of the file, and the library would look for its value all the same: "index out of range".
func TestIndexBeyondTheDictionary(t *testing.T) {
	t.Parallel()
	const asset = "a name that occurs once"
	file := packed(t, []datedRow{{asset, 1, ptr(1)}, {"B", 2, ptr(2)}, {"C", 3, ptr(3)}}, parquetgo.DataPageVersion(1))
	if _, _, err := Read(file, series.Options{}); err != nil {
		t.Fatal(err)
	}
	refused := 0
	for at := bytes.Index(file, []byte(asset)); at < len(file)-8; at++ {
		for _, bit := range []byte{1, 2, 0x40} {
			changed := bytes.Clone(file)
			changed[at] ^= bit
			_, _, err := Read(changed, series.Options{})
			if err == nil {
				continue
			}
			if r := seriestest.Rejection(t, err); strings.Contains(r.Error(), "index beyond its dictionary") {
				refused++
			} else if strings.Contains(r.Error(), "damaged, or written in a way that is not supported") {
				t.Errorf("byte %d: the library panicked: %v", at, r)
			}
		}
	}
	if refused == 0 {
		t.Error("no changed byte made an index beyond the dictionary")
	}
}

// A page of nulls alone may have values beside them, which the library decodes: a run of 2^32 took 17 GB.
func TestPageOfNullsWithARun(t *testing.T) {
	t.Parallel()
	check := newPageChecker(nil, nil)
	check.optional, check.rows, check.words = true, 8, 3
	levels := []byte{2, 0, 0, 0, 8 << 1, 0} // a run of eight zeros
	run := binary.AppendUvarint([]byte{0}, 1<<32<<1)
	if _, err := check.pageV1(&format.DataPageHeader{NumValues: 8, Encoding: format.RLEDictionary, DefinitionLevelEncoding: format.RLE}, append(levels, run...)); !errors.Is(err, errPageMore) {
		t.Errorf("got %v, want %v", err, errPageMore)
	}
	for _, body := range [][]byte{nil, {0}} { // what programs write
		if _, err := check.pageV1(&format.DataPageHeader{NumValues: 8, Encoding: format.RLEDictionary, DefinitionLevelEncoding: format.RLE}, append(bytes.Clone(levels), body...)); err != nil {
			t.Errorf("%v: %v", body, err)
		}
	}
}

func TestAllBelow(t *testing.T) {
	t.Parallel()
	// Three numbers of three bits, the lowest bits first: 5, 2, 7.
	packed := []byte{0b11_010_101, 0b1}
	for _, c := range []struct {
		numbers, below uint64
		want           bool
	}{{3, 8, true}, {3, 7, false}, {2, 6, true}, {2, 5, false}, {0, 1, true}} {
		for _, padding := range []int{0, 8} { // read byte by byte, and eight bytes at once
			if got := allBelow(append(bytes.Clone(packed), make([]byte, padding)...), true, c.numbers, 3, c.below); got != c.want {
				t.Errorf("%d numbers below %d: got %v", c.numbers, c.below, got)
			}
		}
	}
	if allBelow([]byte{0x05, 0x01}, false, 1, 9, 261) || !allBelow([]byte{0x05, 0x01}, false, 1, 9, 262) {
		t.Error("a run of 261")
	}
}
