package forecasttable

import (
	"bytes"
	"encoding/csv"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// TestCSVIsThatOfTheStandardLibrary writes tables of any text and numbers, and compares the bytes with those of encoding/csv
// and the rows that it reads from them with what was written.
func TestCSVIsThatOfTheStandardLibrary(t *testing.T) {
	t.Parallel()
	text := rapid.OneOf(rapid.String(), rapid.StringMatching(`[ ,"\r\n\\.a=é\x{2003}]{0,6}`), rapid.Just(`\.`))
	number := rapid.OneOf(rapid.Float64(), rapid.Just(0.1), rapid.Just(1e21), rapid.Just(100.0))
	rapid.Check(t, func(t *rapid.T) {
		shape := Shape{Levels: []float64{80, 99.5}[:rapid.IntRange(0, 2).Draw(t, "levels")], Quantiles: []float64{0.1}[:rapid.IntRange(0, 1).Draw(t, "quantiles")]}
		var got, want bytes.Buffer
		w, err := NewCSV(&got, shape)
		if err != nil {
			t.Fatal(err)
		}
		reference := csv.NewWriter(&want)
		rows := [][]string{shape.Columns()}
		for range rapid.IntRange(0, 3).Draw(t, "assets") {
			steps := rapid.IntRange(0, 3).Draw(t, "steps")
			r := Rows{Asset: text.Draw(t, "asset"), Model: text.Draw(t, "model"), DS: rapid.SliceOfN(text, steps, steps).Draw(t, "ds")}
			values := func(most int) []float64 {
				return rapid.SliceOfN(number, most, steps).Draw(t, "values")
			}
			r.Mean = values(steps)
			for range shape.Levels {
				r.Lo, r.Hi = append(r.Lo, values(0)), append(r.Hi, values(0))
			}
			for range shape.Quantiles {
				r.Quantiles = append(r.Quantiles, values(0))
			}
			if rapid.Bool().Draw(t, "as text") {
				r.Numbers = shape.AppendNumbers(nil, r)
			}
			if err := w.Write(r); err != nil {
				t.Fatal(err)
			}
			rows = append(rows, cells(shape, r)...)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if err := reference.WriteAll(rows); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want.String(), got.String()); diff != "" {
			t.Fatalf("-encoding/csv +got:\n%s", diff)
		}
		back, err := csv.NewReader(&got).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range rows { // reading makes one line feed of a carriage return and a line feed
			for i := range row {
				row[i] = string(bytes.ReplaceAll([]byte(row[i]), []byte("\r\n"), []byte("\n")))
			}
		}
		if diff := cmp.Diff(rows, back); diff != "" {
			t.Fatalf("-written +read:\n%s", diff)
		}
	})
}

// cells are the rows of an asset as text.
func cells(s Shape, r Rows) (rows [][]string) {
	for k, mean := range r.Mean {
		row := []string{r.Asset, r.DS[k], r.Model, strconv.FormatFloat(mean, 'g', -1, 64)}
		for _, column := range s.Bounds(nil, r) {
			text := ""
			if v, ok := column.At(k); ok {
				text = strconv.FormatFloat(v, 'g', -1, 64)
			}
			row = append(row, text)
		}
		rows = append(rows, row)
	}
	return rows
}
