package forecasttable

import (
	"bytes"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"foliocast/internal/job"
)

func TestCSV(t *testing.T) {
	t.Parallel()
	shape := Shape{Time: job.TimeDate, Levels: []float64{80, 99.5}}
	var got bytes.Buffer
	w, err := NewCSV(&got, shape)
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range []job.Asset{
		{Asset: "DAX", Model: "auto", DS: []string{"2024-12-31", "2025-01-01"}, Mean: []float64{0.1, 1e21},
			Lo: map[string][]float64{"80": {-0.5, math.MaxFloat64}, "99.5": {5e-324, 1}},
			Hi: map[string][]float64{"80": {1. / 3, 2}, "99.5": {100, math.Copysign(0, -1)}}},
		{Asset: `A "quoted", name`, Model: "naive", DS: []string{"2024-12-31"}, Mean: []float64{7},
			Lo: map[string][]float64{"80": {6}}, Hi: map[string][]float64{"80": {8}}},
		{Asset: "WITHOUT"},
	} {
		if err := w.Write(shape.Rows(a)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	want := `unique_id,ds,model,mean,lo-80,hi-80,lo-99.5,hi-99.5
DAX,2024-12-31,auto,0.1,-0.5,0.3333333333333333,5e-324,100
DAX,2025-01-01,auto,1e+21,1.7976931348623157e+308,2,1,-0
"A ""quoted"", name",2024-12-31,naive,7,6,8,,
`
	if diff := cmp.Diff(want, got.String()); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestCSVOfQuantiles(t *testing.T) {
	t.Parallel()
	shape := ShapeOf(job.Spec{Levels: []float64{80}, Quantiles: []float64{0.975, 0.1, 1e-5}}, job.TimeStep)
	var got bytes.Buffer
	w, err := NewCSV(&got, shape)
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range []job.Asset{
		{Asset: "A", Model: "ar", DS: []string{"1", "2"}, Mean: []float64{5, 6}, Lo: map[string][]float64{"80": {4, 4.5}}, Hi: map[string][]float64{"80": {7, 7.5}},
			Quantiles: map[string][]float64{"0.1": {3, 3.5}, "0.975": {8, 8.5}, "1e-05": {0, -1}}},
		{Asset: "OLD", Model: "ar", DS: []string{"1"}, Mean: []float64{5}, Lo: map[string][]float64{"80": {4}}, Hi: map[string][]float64{"80": {7}}},
	} {
		if err := w.Write(shape.Rows(a)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	want := `unique_id,ds,model,mean,lo-80,hi-80,q-1e-05,q-0.1,q-0.975
A,1,ar,5,4,7,0,3,8
A,2,ar,6,4.5,7.5,-1,3.5,8.5
OLD,1,ar,5,4,7,,,
`
	if diff := cmp.Diff(want, got.String()); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestRowsThatDoNotFit(t *testing.T) {
	t.Parallel()
	w, err := NewCSV(&bytes.Buffer{}, Shape{})
	if err != nil {
		t.Fatal(err)
	}
	err = w.Write(Rows{Asset: "OLD", Mean: []float64{1, 2}})
	if err == nil || !strings.Contains(err.Error(), `"OLD" has 2 means at 0 times`) {
		t.Errorf("got %v, want the asset and its faults", err)
	}
}

// Numbers that were written elsewhere are followed by the members, too. A portfolio without times has no rows.
func TestCSVOfThePortfolio(t *testing.T) {
	t.Parallel()
	shape := ShapeOf(job.Spec{Model: "auto", Levels: []float64{80}}, job.TimeStep)
	a := job.Answer{Assets: []job.Asset{{Asset: "A", Model: "auto", DS: []string{"1", "2"}, Mean: []float64{5, 6}, Members: []job.Member{{Name: "ar", Weight: 1}}}},
		Overall: &job.Forecast{DS: []string{"1", "2"}, Mean: []float64{5, 6.5}, Lo: map[string][]float64{"80": {4, 4.5}}, Hi: map[string][]float64{"80": {7, 7.5}}}}
	for _, elsewhere := range []bool{false, true} {
		var got bytes.Buffer
		w, err := NewCSV(&got, shape)
		if err != nil {
			t.Fatal(err)
		}
		rows := shape.Rows(a.Assets[0])
		if elsewhere {
			rows.Numbers = shape.AppendNumbers(nil, rows)
		}
		if err := errors.Join(w.Write(rows), w.Write(shape.Portfolio(a)), w.Close()); err != nil {
			t.Fatal(err)
		}
		want := "unique_id,ds,model,mean,lo-80,hi-80,members\nA,1,auto,5,,,ar 1\nA,2,auto,6,,,ar 1\n,1,,5,4,7,\n,2,,6.5,4.5,7.5,\n"
		if diff := cmp.Diff(want, got.String()); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
	}
	a.Overall.DS = nil
	if got := shape.Portfolio(a); got.Mean != nil {
		t.Errorf("a portfolio without times has the rows %+v", got)
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errFull }

var errFull = errors.New("no space left")

func TestWriteErrorsAreReturned(t *testing.T) {
	t.Parallel()
	w, err := NewCSV(full{}, Shape{})
	if err == nil {
		err = errors.Join(w.Write(Rows{Asset: "A", DS: []string{"1"}, Mean: []float64{1}}), w.Close())
	}
	if !errors.Is(err, errFull) {
		t.Errorf("CSV: got %v", err)
	}
	if err := WriteText(full{}, job.Answer{Overall: &job.Forecast{Mean: []float64{1}}}); !errors.Is(err, errFull) {
		t.Errorf("text: got %v", err)
	}
}

func TestFormatOf(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]Format{
		"a/r.csv": CSV, "r.CSV": CSV, "r.json": JSON, "r.arrow": Arrow, "r.arrows": ArrowStream, "r.parquet": Parquet, "r.txt": Text,
		"csv": "", "r.xlsx": "", "r.table": "", "r.": "", "": "", "/dev/stdout": "", "r.csv.gz": "",
	} {
		if got, ok := FormatOf(path); got != want || ok != (want != "") {
			t.Errorf("%q: got %q, %t, want %q", path, got, ok, want)
		}
	}
}
