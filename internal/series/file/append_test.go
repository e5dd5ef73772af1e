package file_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"foliocast/internal/series"
	"foliocast/internal/series/arrow"
	"foliocast/internal/series/csv"
	"foliocast/internal/series/file"
)

// stored is a table in the stored form.
func stored(t *testing.T, table *series.Table) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := arrow.Write(&b, table); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// throughTail writes what a table has beyond its base, and opens it again.
func throughTail(t *testing.T, table, base *series.Table) *series.Table {
	t.Helper()
	path := filepath.Join(t.TempDir(), "x.tail")
	var b bytes.Buffer
	if err := arrow.NewTail(table, base).Write(&b, strings.Repeat("a", 64)); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	if from, err := arrow.ReadTailOf(path); err != nil || from.SHA256 != strings.Repeat("a", 64) {
		t.Errorf("the base is %+v, %v", from, err)
	}
	out, err := arrow.OpenTail(path, base)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { out.Close() })
	return out
}

// Wherever a file is cut, reading its parts one after the other gives the same bytes as reading it as a whole, also through
// tails of tails.
func TestAppendedPartsAreTheWhole(t *testing.T) {
	t.Parallel()
	paths, err := filepath.Glob("../testdata/*.csv")
	if err != nil || len(paths) == 0 {
		t.Fatal(err)
	}
	cuts := 0
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		head, body, _ := strings.Cut(string(text), "\n")
		rows := strings.SplitAfter(strings.TrimSuffix(body, "\n"), "\n")
		whole, _, err := csv.Read(text, series.Options{})
		if err != nil {
			continue // of the file's own tests
		}
		want := stored(t, whole)
		for k := 1; k < 8; k++ {
			first, second := len(rows)*k/8, len(rows)*(k+1)/8
			ok := true
			var table *series.Table
			for _, part := range [][]string{rows[:first], rows[first:second], rows[second:]} {
				if len(part) == 0 {
					continue
				}
				o := series.Options{}
				if table != nil {
					o.Onto = &series.Onto{Table: table, Replace: true}
				}
				next, _, err := csv.Read([]byte(head+"\n"+strings.Join(part, "")), o)
				if err != nil { // a part may leave open what the whole shows
					ok = false
					break
				}
				if table != nil {
					next = throughTail(t, next, table)
				}
				table = next
			}
			if !ok {
				continue
			}
			cuts++
			if !bytes.Equal(stored(t, table), want) {
				t.Errorf("%s: in parts that begin at rows %d and %d it is another table:\n%s", filepath.Base(path), first, second, cmp.Diff(table.Audit(), whole.Audit()))
			}
		}
	}
	if cuts < 100 {
		t.Errorf("only %d cuts could be read", cuts)
	}
}

const onto = "unique_id,ds,y\nA,2024-01-01,1\nA,2024-01-02,2\nA,2024-01-04,4\nB,2024-01-01,10\nB,2024-01-02,20\n"

func appendTo(t *testing.T, base, text string, o series.Options, replace bool) (*series.Table, *series.Audit, error) {
	t.Helper()
	old, _, err := csv.Read([]byte(base), series.Options{})
	if err != nil {
		t.Fatal(err)
	}
	o.Onto = &series.Onto{Table: old, Replace: replace}
	return csv.Read([]byte(text), o)
}

func TestRowsThatAreNotNew(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, text string
		fault      string // without Replace
		values     string // of A with it
	}{
		{"equal", "unique_id,ds,y\nA,2024-01-04,4\nA,2024-01-05,5\n", "", "[1 2 4 5]"},
		{"another value", "unique_id,ds,y\nA,2024-01-05,5\nA,2024-01-02,7\n",
			`line 3, asset "A": the value at 2024-01-02 is 7, and the dataset has 2`, "[1 7 4 5]"},
		{"a time before the end", "unique_id,ds,y\nA,2024-01-03,3\n",
			`line 2, asset "A": 2024-01-03 is before the last value of the asset, at 2024-01-04, and the dataset has no value then`, "[1 2 3 4]"},
		{"no value", "unique_id,ds,y\nA,2024-01-02,\nA,2024-01-05,5\n", "", "[1 2 4 5]"},
		{"wide", "ds,A,C\n2024-01-05,5,9\n", "", "[1 2 4 5]"},
	} {
		_, _, err := appendTo(t, onto, c.text, series.Options{}, false)
		if got := fmt.Sprint(err); c.fault == "" && err != nil || !strings.Contains(got, c.fault) {
			t.Errorf("%s: the error is %v, want %q", c.name, err, c.fault)
		}
		table, audit, err := appendTo(t, onto, c.text, series.Options{}, true)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if got := fmt.Sprint(table.Values(0)); got != c.values {
			t.Errorf("%s: the values are %s, want %s", c.name, got, c.values)
		}
		if got := table.Names()[:2]; !cmp.Equal(got, []string{"A", "B"}) || fmt.Sprint(table.Values(1)) != "[10 20]" {
			t.Errorf("%s: the assets are %v, and B has %v", c.name, got, table.Values(1))
		}
		if audit.Gaps.Count != 0 || audit.Rows != int64(strings.Count(c.text, "\n")-1) {
			t.Errorf("%s: the audit has rows or gaps that are not those of the file: %+v", c.name, audit)
		}
	}
}

func TestTimesOfAppendedRows(t *testing.T) {
	t.Parallel()
	const berlin = "unique_id,ds,y\nA,2024-01-01T00:00:00+01:00,1\nA,2024-01-02T00:00:00+01:00,2\n"
	for _, c := range []struct {
		name, base, text string
		want             string // the last time, or a part of the error
	}{
		{"years and steps", "unique_id,ds,y\nA,2022,1\nA,2023,2\n", "unique_id,ds,y\nA,2024,3\n", "2024"},
		{"steps that look like years", "unique_id,ds,y\nA,1,1\nA,2,2\n", "unique_id,ds,y\nA,1999,3\nA,2000,4\n", "2000"},
		{"dates after steps", "unique_id,ds,y\nA,1,1\nA,2,2\n", "unique_id,ds,y\nA,2024-01-01,3\n", "of another kind than those of the dataset: a date, and not an integer step"},
		{"clock times in the zone of the dataset", berlin, "unique_id,ds,y\nA,2024-01-03 00:00:00,3\n", "2024-01-03T00:00:00+01:00"},
		{"offset after the clocks were put forward", berlin, "unique_id,ds,y\nA,2024-06-03T00:00:00+02:00,3\n", "2024-06-03T00:00:00+02:00"},
		{"dates after times of day", "unique_id,ds,y\nA,2024-01-01 10:00,1\nA,2024-01-02 10:00,2\n", "unique_id,ds,y\nA,2024-01-03,3\n", "a date, and not a time without a zone"},
	} {
		table, _, err := appendTo(t, c.base, c.text, series.Options{}, false)
		got := fmt.Sprint(err)
		if err == nil {
			got = table.End(0).String()
		}
		if !strings.Contains(got, c.want) {
			t.Errorf("%s: got %s, want %s", c.name, got, c.want)
		}
	}
	if _, _, err := appendTo(t, onto, "unique_id,y\nA,3\n", series.Options{NumberRows: true}, false); err == nil || !strings.Contains(err.Error(), "number_rows") {
		t.Errorf("numbered rows: the error is %v", err)
	}
}

// A file in the stored form is appended as any other.
func TestAppendStored(t *testing.T) {
	t.Parallel()
	old, _, err := csv.Read([]byte(onto), series.Options{})
	if err != nil {
		t.Fatal(err)
	}
	more, _, err := csv.Read([]byte("unique_id,ds,y\nA,2024-01-05,5\nC,2024-01-05,7\n"), series.Options{})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "more.arrow")
	if err := os.WriteFile(path, stored(t, more), 0o600); err != nil {
		t.Fatal(err)
	}
	table, audit, err := file.Read(path, series.Options{Onto: &series.Onto{Table: old}})
	if err != nil {
		t.Fatal(err)
	}
	defer table.Close()
	if got := fmt.Sprint(table.Names(), table.Values(0), table.Values(2), audit.Form, " ", audit.Rows); got != "[A B C] [1 2 4 5] [7]stored 2" {
		t.Error(got)
	}
}

// What the numbers of a column known in advance say about the time after the last value is a plan, and may change.
func TestPlansMayChange(t *testing.T) {
	t.Parallel()
	values, _, err := csv.Read([]byte("unique_id,ds,y\nA,1,5\nA,2,6\n"), series.Options{})
	if err != nil {
		t.Fatal(err)
	}
	x, _, err := csv.Read([]byte("unique_id,ds,y\nA,1,0\nA,2,1\nA,3,0\nA,4,0\n"), series.Options{})
	if err != nil {
		t.Fatal(err)
	}
	o := series.Options{Onto: &series.Onto{Table: x, Beside: values}}
	got, _, err := csv.Read([]byte("unique_id,ds,y\nA,3,1\nA,4,0\nA,5,1\n"), o)
	if err != nil || fmt.Sprint(got.Values(0)) != "[0 1 1 0 1]" {
		t.Errorf("got %v, %v", got, err)
	}
	if _, _, err = csv.Read([]byte("unique_id,ds,y\nA,2,0\n"), o); err == nil {
		t.Error("a number of the past was replaced")
	}
}
