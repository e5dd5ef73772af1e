package csv_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"foliocast/internal/series"
	"foliocast/internal/series/csv"
	"foliocast/internal/series/seriestest"
)

// sameInParts reads a file row by row and in parts of a few bytes, and compares the tables, what the audits say, and the errors.
func sameInParts(t interface {
	Helper()
	Errorf(string, ...any)
}, text []byte, o series.Options) {
	t.Helper()
	want, wantAudit, wantErr := csv.ReadInParts(text, o, 0, 0)
	for _, size := range []int{1, 20, 60} {
		got, gotAudit, gotErr := csv.ReadInParts(text, o, size, 3)
		if fmt.Sprint(gotErr) != fmt.Sprint(wantErr) {
			t.Errorf("parts of %d bytes: %v, want %v, for\n%s", size, gotErr, wantErr, text)
			continue
		}
		if diff := cmp.Diff(wantAudit, gotAudit); diff != "" {
			t.Errorf("parts of %d bytes: -want +got for\n%s%s", size, text, diff)
		}
		if wantErr == nil {
			if diff := cmp.Diff(seriestest.Show(want), seriestest.Show(got)); diff != "" {
				t.Errorf("parts of %d bytes: -want +got for\n%s%s", size, text, diff)
			}
		}
	}
}

// TestFilesInParts reads files whose rows mean something only together: the order of day and month, the marks in numbers, the zone,
// the kind of time, rows of an asset that are not together, and rows that are at fault.
func TestFilesInParts(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		oneOf := func(name string, texts ...string) string { return rapid.SampledFrom(texts).Draw(t, name) }
		separator := oneOf("separator", ",", ";")
		form := rapid.SampledFrom([]string{"2024-01-%02d", "2024-01-%02d", "%02d/02/2024", "2024-01-%02d 09:30:00", "2024-01-%02dT09:30:00+01:00", "%d", "202401%02d"}).Draw(t, "form")
		value := rapid.SampledFrom([]string{"%d.5", "%d", "%d.125", "%d,5", "%d,125", ""}).Draw(t, "value")
		var b strings.Builder
		b.WriteString("unique_id" + separator + "ds" + separator + "y\n")
		for range rapid.IntRange(1, 6).Draw(t, "assets") {
			name := oneOf("asset", "A", "B", "C", "D", "E", "F", "G")
			for k := range rapid.IntRange(1, 8).Draw(t, "rows") {
				at, v := fmt.Sprintf(form, k+8), strings.ReplaceAll(value, "%d", fmt.Sprint(k*k%7+1))
				switch rapid.IntRange(0, 40).Draw(t, "what") {
				case 0:
					at = oneOf("time", "soon", "2024-01-31", "17", "31/01/2024", "2024-07-01T09:30:00+02:00", "")
				case 1:
					v = oneOf("odd", "x", "NA", "1.234", "1,5", "1.234.567", "inf", "1e3", "123")
				case 2:
					b.WriteString(oneOf("line", "\n", "\r\n", ";;\n", "A\n", "A,1,2,3,4\n"))
				case 3:
					name = oneOf("other", "A", "B", "", " C ", "H")
				}
				b.WriteString(name + separator + at + separator + v + oneOf("end", "\n", "\n", "\n", "\r\n"))
			}
		}
		o := series.Options{Duplicates: oneOf("duplicates", "", "last"), Decimal: oneOf("decimal", "", "", ","), TimeFormat: oneOf("format", "", "", "%d/%m/%Y")}
		sameInParts(t, []byte(b.String()), o)
	})
}

// FuzzFilesInParts does the same with any text.
func FuzzFilesInParts(f *testing.F) {
	f.Add([]byte("unique_id,ds,y\nA,2024-01-01,1\nA,2024-01-02,2\nB,2024-01-01,3\n"), "")
	f.Add([]byte("unique_id;ds;y\nA;01.02.2024;1.000\nA;02.02.2024;1,5\n\nB;01.02.2024;3\nA;05.02.2024;1"), "")
	f.Add([]byte("id,date,time,y\nA,2024-01-01,10:00,1\nA,2024-01-01,11:00,2\n"), "")
	f.Add([]byte("unique_id,ds,y\nA,45078,1\nA,45079,2\nB,45079.5,2\n"), "excel")
	f.Fuzz(func(t *testing.T, text []byte, form string) { sameInParts(t, text, series.Options{TimeFormat: form}) })
}
