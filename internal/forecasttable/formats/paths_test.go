package formats

import (
	"bytes"
	"strconv"
	"testing"

	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/google/go-cmp/cmp"
	"github.com/parquet-go/parquet-go"

	"foliocast/internal/forecasttable"
	"foliocast/internal/forecasttable/tabletest"
	"foliocast/internal/job"
)

// writePaths writes a table of paths in a format.
func writePaths(t *testing.T, f forecasttable.Format, kind job.TimeKind, all ...forecasttable.Paths) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := NewPaths(&out, f, kind)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range all {
		if err := w.Write(p); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func tableFormats() []forecasttable.Format {
	return []forecasttable.Format{forecasttable.CSV, forecasttable.Arrow, forecasttable.ArrowStream, forecasttable.Parquet}
}

// All formats have the same rows, with each kind of time. The portfolio has no name.
func TestTablesOfPaths(t *testing.T) {
	t.Parallel()
	for kind, ds := range map[job.TimeKind][]string{
		job.TimeStep:     {"-3", "9007199254740993"},
		job.TimeDate:     {"1969-12-31", "2024-02-29"},
		job.TimeDatetime: {"1969-12-31 23:59:59", "2024-02-29 12:00:00.000001"},
		job.TimeInstant:  {"1969-12-31T23:59:59.5Z", "2024-02-29T12:00:00Z"},
		"":               {"one", "two, three"},
	} {
		want := [][]string{
			{"unique_id", "path", "ds", "value"},
			{"A, B", "0", ds[0], "0.1"}, {"A, B", "0", ds[1], "-2"}, {"A, B", "1", ds[0], "5e-324"}, {"A, B", "1", ds[1], "1e+300"},
			{"", "0", ds[0], "3"}, {"", "0", ds[1], "4"},
		}
		for _, f := range tableFormats() {
			got, err := tabletest.Read(f, writePaths(t, f, kind,
				forecasttable.Paths{Asset: "A, B", DS: ds, Values: [][]float64{{0.1, -2}, {5e-324, 1e300}}},
				forecasttable.Paths{Asset: "none"},
				forecasttable.Paths{DS: ds, Values: [][]float64{{3, 4}}}))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s as %s (-want +got):\n%s", kind, f, diff)
			}
		}
	}
}

// The paths of one asset are many more rows than a batch or a row group has.
func TestPathsAreWrittenInBatches(t *testing.T) {
	t.Parallel()
	p := forecasttable.Paths{Asset: "A"}
	for k := range 100 {
		p.DS = append(p.DS, strconv.Itoa(k))
	}
	for i := range 1500 {
		path := make([]float64, 100)
		path[99] = float64(i)
		p.Values = append(p.Values, path)
	}
	batches, err := ipc.NewFileReader(bytes.NewReader(writePaths(t, forecasttable.Arrow, job.TimeStep, p)))
	if err != nil {
		t.Fatal(err)
	}
	defer batches.Close()
	file := writePaths(t, forecasttable.Parquet, job.TimeStep, p)
	groups, err := parquet.OpenFile(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	if batches.NumRecords() != 3 || len(groups.RowGroups()) != 3 {
		t.Errorf("150,000 rows are in %d batches and %d row groups, want 3 of about 65,536", batches.NumRecords(), len(groups.RowGroups()))
	}
	for _, f := range tableFormats() {
		got, err := tabletest.Read(f, writePaths(t, f, job.TimeStep, p))
		if err != nil || len(got) != 150_001 || got[150_000][3] != "1499" {
			t.Errorf("%s: %v, %d rows", f, err, len(got))
		}
	}
}

func TestPathsThatDoNotFitTheirTimes(t *testing.T) {
	t.Parallel()
	for _, f := range tableFormats() {
		w, err := NewPaths(new(bytes.Buffer), f, job.TimeStep)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Write(forecasttable.Paths{Asset: "A", DS: []string{"1"}, Values: [][]float64{{1}, {1, 2}}}); err == nil || err.Error() != `path 1 of asset "A" has 2 values at 1 times` {
			t.Errorf("%s: got %v", f, err)
		}
	}
	if _, err := NewPaths(new(bytes.Buffer), forecasttable.JSON, job.TimeStep); err == nil {
		t.Error("JSON is taken for a format of a table")
	}
}
