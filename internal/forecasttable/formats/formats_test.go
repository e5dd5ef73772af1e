package formats

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/google/go-cmp/cmp"
	"github.com/parquet-go/parquet-go"
	"pgregory.net/rapid"

	"foliocast/internal/forecasttable"
	"foliocast/internal/forecasttable/tabletest"
	"foliocast/internal/job"
)

// write writes a table in a format.
func write(t *testing.T, f forecasttable.Format, s forecasttable.Shape, rows ...forecasttable.Rows) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := New(&out, f, s)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows {
		if err := w.Write(r); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// all are the rows of a table in each format.
func all(t *testing.T, s forecasttable.Shape, rows ...forecasttable.Rows) map[forecasttable.Format][][]string {
	t.Helper()
	tables := map[forecasttable.Format][][]string{}
	for _, f := range []forecasttable.Format{forecasttable.CSV, forecasttable.Arrow, forecasttable.ArrowStream, forecasttable.Parquet} {
		table, err := tabletest.Read(f, write(t, f, s, rows...))
		if err != nil {
			t.Fatalf("%s: %v", f, err)
		}
		tables[f] = table
	}
	return tables
}

func TestEachKindOfTime(t *testing.T) {
	t.Parallel()
	for kind, ds := range map[job.TimeKind][]string{
		job.TimeStep:     {"-3", "9007199254740993"},
		job.TimeDate:     {"1969-12-31", "2024-02-29"},
		job.TimeDatetime: {"1969-12-31 23:59:59", "2024-02-29 12:00:00.000001"},
		job.TimeInstant:  {"1969-12-31T23:59:59.5Z", "2024-02-29T12:00:00Z"},
		"":               {"one", "two"},
		"later":          {"one", "two"},
	} {
		shape := forecasttable.Shape{Time: kind, Levels: []float64{80}, Quantiles: []float64{0.05, 0.5}, Bands: []float64{90}, Members: true}
		rows := forecasttable.Rows{Asset: "A, B", Model: "naive", DS: ds, Mean: []float64{0.1, -2}, Lo: [][]float64{{1. / 3}}, Hi: [][]float64{{4, 5e300}},
			Quantiles: [][]float64{{7, 8}, {9}}, BandLo: [][]float64{{0, -5}}, BandHi: [][]float64{{10}}, Members: "theta 0.6; ar 0.4"}
		portfolio := forecasttable.Rows{DS: ds, Mean: []float64{5, 6}}
		want := [][]string{
			{"unique_id", "ds", "model", "mean", "lo-80", "hi-80", "q-0.05", "q-0.5", "band-lo-90", "band-hi-90", "members"},
			{"A, B", ds[0], "naive", "0.1", "0.3333333333333333", "4", "7", "9", "0", "10", "theta 0.6; ar 0.4"},
			{"A, B", ds[1], "naive", "-2", "", "5e+300", "8", "", "-5", "", "theta 0.6; ar 0.4"},
			{"", ds[0], "", "5", "", "", "", "", "", "", ""}, {"", ds[1], "", "6", "", "", "", "", "", "", ""},
		}
		for format, got := range all(t, shape, rows, portfolio) {
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s as %s (-want +got):\n%s", kind, format, diff)
			}
		}
	}
}

// A reader relies on the types of the columns, even where there are no rows.
func TestTypesOfAnEmptyTable(t *testing.T) {
	t.Parallel()
	for kind, want := range map[job.TimeKind][2]string{
		job.TimeStep:     {"int64", "INT(64,true)"},
		job.TimeDate:     {"date32", "DATE"},
		job.TimeDatetime: {"timestamp[us]", "TIMESTAMP(isAdjustedToUTC=false,unit=MICROS)"},
		job.TimeInstant:  {"timestamp[us, tz=UTC]", "TIMESTAMP(isAdjustedToUTC=true,unit=MICROS)"},
		"":               {"utf8", "STRING"},
	} {
		shape := forecasttable.Shape{Time: kind, Levels: []float64{99.5}, Quantiles: []float64{0.001}}
		for format, got := range all(t, shape) {
			if diff := cmp.Diff([][]string{{"unique_id", "ds", "model", "mean", "lo-99.5", "hi-99.5", "q-0.001"}}, got); diff != "" {
				t.Errorf("%s as %s (-want +got):\n%s", kind, format, diff)
			}
		}
		r, err := ipc.NewReader(bytes.NewReader(write(t, forecasttable.ArrowStream, shape)))
		if err != nil {
			t.Fatal(err)
		}
		if got := r.Schema().Field(1).Type.String(); got != want[0] {
			t.Errorf("%s: Arrow has %s, want %s", kind, got, want[0])
		}
		file := write(t, forecasttable.Parquet, shape)
		f, err := parquet.OpenFile(bytes.NewReader(file), int64(len(file)))
		if err != nil {
			t.Fatal(err)
		}
		if got := f.Schema().Fields()[1].Type().String(); got != want[1] {
			t.Errorf("%s: Parquet has %s, want %s", kind, got, want[1])
		}
	}
}

// Many assets make many batches and row groups, whose rows keep their order.
func TestAllFormatsHoldTheSameRows(t *testing.T) {
	t.Parallel()
	shape := forecasttable.Shape{Time: job.TimeDate, Levels: []float64{80}}
	var rows []forecasttable.Rows
	horizon := 1000
	for i := range 2*maxBatchRows/horizon + 2 {
		r := forecasttable.Rows{Asset: fmt.Sprintf("A%d", i), Model: "drift"}
		day := time.Date(2020, 1, i%3, 0, 0, 0, 0, time.UTC)
		var lo []float64
		for k := range horizon {
			r.DS, r.Mean = append(r.DS, day.AddDate(0, 0, k).Format(time.DateOnly)), append(r.Mean, float64(k)/float64(i+1))
			lo = append(lo, float64(k)/float64(i+2))
		}
		if r.Lo = [][]float64{lo}; i%2 == 0 {
			r.Hi = [][]float64{lo[:horizon/2]}
		}
		rows = append(rows, r)
	}
	tables := all(t, shape, rows...)
	want := tables[forecasttable.CSV]
	if len(want) != 1+len(rows)*horizon || want[len(want)-1][0] != rows[len(rows)-1].Asset {
		t.Fatalf("CSV has %d rows for %d assets", len(want), len(rows))
	}
	for format, got := range tables {
		if len(got) != len(want) {
			t.Errorf("%s has %d rows, want %d", format, len(got), len(want))
			continue
		}
		for i := range got {
			if !slices.Equal(got[i], want[i]) {
				t.Errorf("%s has %v in row %d, CSV %v", format, got[i], i, want[i])
				break
			}
		}
	}
}

// A table with many columns has short batches, since a writer holds one of them.
func TestManyColumnsMakeShortBatches(t *testing.T) {
	t.Parallel()
	shape := forecasttable.Shape{Time: job.TimeStep}
	for i := range 99 {
		shape.Quantiles = append(shape.Quantiles, float64(i+1)/100)
	}
	rows := forecasttable.Rows{Asset: "A", Model: "drift", Quantiles: make([][]float64, 99)}
	for k := range 1000 {
		rows.DS, rows.Mean = append(rows.DS, strconv.Itoa(k)), append(rows.Mean, float64(k))
		for i := range rows.Quantiles {
			rows.Quantiles[i] = append(rows.Quantiles[i], float64(i))
		}
	}
	many := slices.Repeat([]forecasttable.Rows{rows}, 20)
	r, err := ipc.NewReader(bytes.NewReader(write(t, forecasttable.ArrowStream, shape, many...)))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Release()
	var batches, groups []int64
	for r.Next() {
		batches = append(batches, r.RecordBatch().NumRows())
	}
	file := write(t, forecasttable.Parquet, shape, many...)
	f, err := parquet.OpenFile(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range f.RowGroups() {
		groups = append(groups, g.NumRows())
	}
	// 24 × 65,536 cells in 103 columns are 15,270 rows; Arrow ends a batch with an asset.
	if !slices.Equal(batches, []int64{16_000, 4_000}) || !slices.Equal(groups, []int64{15_270, 4_730}) {
		t.Errorf("the batches have %v rows, the row groups %v", batches, groups)
	}
}

func TestTimesOfTheWrongKind(t *testing.T) {
	t.Parallel()
	for kind, ds := range map[job.TimeKind]string{job.TimeStep: "2024-01-01", job.TimeDate: "2024-02-30", job.TimeDatetime: "2024-01-01",
		job.TimeInstant: "2024-01-01 00:00:00"} {
		for _, format := range []forecasttable.Format{forecasttable.Arrow, forecasttable.Parquet} {
			w, err := New(&bytes.Buffer{}, format, forecasttable.Shape{Time: kind})
			if err == nil {
				err = w.Write(forecasttable.Rows{Asset: "A", DS: []string{ds}, Mean: []float64{1}})
			}
			if err == nil {
				t.Errorf("%s wrote the %s %q", format, kind, ds)
			}
		}
	}
}

func TestNewRefusesOtherFormats(t *testing.T) {
	t.Parallel()
	for _, format := range []forecasttable.Format{forecasttable.Text, forecasttable.JSON, ""} {
		if _, err := New(&bytes.Buffer{}, format, forecasttable.Shape{}); err == nil {
			t.Errorf("%q was taken for a file format", format)
		}
	}
}

// The calendar of package time is the judge; beyond the year 9999, which it does
// not read, the number is that of the date 400 years, or 146,097 days, earlier.
func TestNumberOfADate(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		days := rapid.Int64Range(-719162, 3_000_000).Draw(t, "days since 1970")
		at := time.Unix(days*24*60*60, 0).UTC()
		y, m, d := at.Date()
		if got, err := number(job.TimeDate, fmt.Sprintf("%04d-%02d-%02d", y, m, d)); err != nil || got != days {
			t.Errorf("%04d-%02d-%02d is day %d, %v, want %d", y, m, d, got, err, days)
		}
		moment := fmt.Sprintf("%04d-%02d-%02dT01:00:00Z", y, m, d)
		if got, err := number(job.TimeInstant, moment); err != nil || got != (days*24+1)*60*60*1_000_000 {
			t.Errorf("%s is %d, %v", moment, got, err)
		}
	})
}
