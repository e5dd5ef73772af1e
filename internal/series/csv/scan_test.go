package csv

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"testing"

	"pgregory.net/rapid"
)

// scanAll splits a text with the scanner, up to its first fault.
func scanAll(text []byte) (records [][]string, lines []int64, fault bool) {
	s := scanner{data: text, separator: ',', line: 1, unquoted: bytes.IndexByte(text, '"') < 0}
	for s.next() {
		if s.fault != "" {
			return records, lines, true
		}
		var record []string
		for _, f := range s.fields {
			record = append(record, string(f))
		}
		records, lines = append(records, record), append(lines, s.at)
	}
	return records, lines, false
}

// standardAll splits a text with encoding/csv, up to its first fault.
func standardAll(text []byte) (records [][]string, lines []int64, fault bool) {
	r := csv.NewReader(bytes.NewReader(text))
	r.FieldsPerRecord = -1
	for {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			return records, lines, false
		}
		if err != nil {
			return records, lines, true
		}
		line, _ := r.FieldPos(0)
		records, lines = append(records, record), append(lines, int64(line))
	}
}

// sameAsStandard compares the scanner with encoding/csv on one text.
func sameAsStandard(t interface {
	Helper()
	Errorf(string, ...any)
}, text []byte) {
	t.Helper()
	got, gotLines, gotFault := scanAll(text)
	want, wantLines, wantFault := standardAll(text)
	if !equalRecords(got, want) || gotFault != wantFault || !equalLines(gotLines, wantLines) {
		t.Errorf("%q:\n got %q in lines %d, fault %t\nwant %q in lines %d, fault %t", text, got, gotLines, gotFault, want, wantLines, wantFault)
	}
}

func equalRecords(a, b [][]string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if len(a[i]) != len(b[i]) {
			return false
		}
		for k := range a[i] {
			if a[i][k] != b[i][k] {
				return false
			}
		}
	}
	return true
}

func equalLines(a, b []int64) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

func TestScannerEqualsEncodingCSV(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		pieces := rapid.SliceOf(rapid.SampledFrom([]string{"a", "1.5", ",", ",", "\n", "\n", "\r\n", "\r", "\"", "\"\"", " ", "é"})).Draw(t, "pieces")
		var text []byte
		for _, p := range pieces {
			text = append(text, p...)
		}
		sameAsStandard(t, text)
	})
}

func FuzzScannerEqualsEncodingCSV(f *testing.F) {
	for _, text := range []string{"", "a,b\n1,2\n", "\"a\"\"b\",\"c\r\nd\"\r\n\r\ne", "a\"b\n", "\"a\"b\n", "\"a", "a,\"b\n", "a\r", "\"a\"\r"} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) { sameAsStandard(t, text) })
}
