package json_test

import (
	"bytes"
	"context"
	stdcsv "encoding/csv"
	std "encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"foliocast/internal/series"
	"foliocast/internal/series/arrow"
	"foliocast/internal/series/csv"
	"foliocast/internal/series/json"
	"foliocast/internal/series/seriestest"
)

// records writes the rows of a CSV file as records: numbers as numbers, empty cells as null, or not at all.
func records(t *testing.T, text string, array bool) (out []byte, ok bool) {
	t.Helper()
	rows, err := stdcsv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		return nil, false
	}
	var b bytes.Buffer
	for k, row := range rows[1:] {
		mark := "\n"
		if array {
			mark = map[bool]string{true: "[", false: ",\n "}[k == 0]
		} else if k == 0 {
			mark = ""
		}
		b.WriteString(mark + "{")
		first := true
		for i, cell := range row {
			value := []byte(cell)
			switch {
			case cell == "" && k%2 == 1:
				continue // a field that is not there
			case cell == "":
				value = []byte("null")
			case !std.Valid(value) || cell[0] == '"':
				value, _ = std.Marshal(cell)
			}
			name, _ := std.Marshal(rows[0][i])
			if !first {
				b.WriteByte(',')
			}
			first = false
			fmt.Fprintf(&b, "%s: %s", name, value)
		}
		b.WriteString("}")
	}
	if array {
		b.WriteString("]")
	}
	b.WriteString("\n")
	return b.Bytes(), true
}

// A table in CSV and as records reads as the same series, with the same findings.
func TestRecordsAreReadAsCSV(t *testing.T) {
	t.Parallel()
	paths, err := filepath.Glob("../testdata/*.csv")
	if err != nil || len(paths) == 0 {
		t.Fatal(err)
	}
	texts := map[string]string{"long": "unique_id,ds,y\n\"A, B\",2024-01-01,1\n\"A, B\",2024-01-02,\n\"A, B\",2024-01-03,-2.5e3\n\"\"\"C\"\"\",2024-01-01,1.000\n",
		"wide": seriestest.Small, "bars": "Date,Open,High,Low,Close,Volume\n2024-01-02,1,2,0.5,1.5,100\n2024-01-03,1,2,0.5,1.25,\n"}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		texts[filepath.Base(path)] = string(text)
	}
	compared := 0
	for name, text := range texts {
		want, audit, err := csv.Read([]byte(text), series.Options{})
		if err != nil || audit.Dialect != "" || strings.HasPrefix(text, "Price,") {
			continue
		}
		for _, array := range []bool{true, false} {
			data, ok := records(t, text, array)
			if !ok {
				continue
			}
			got, found, err := json.Read(data, series.Options{})
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			compared++
			if diff := cmp.Diff(stored(t, want), stored(t, got)); diff != "" {
				t.Errorf("%s: the records are another table:\n%s", name, cmp.Diff(seriestest.Show(want), seriestest.Show(got)))
			}
			if found.Missing.Count != audit.Missing.Count || found.Missing.Count > 0 && found.Missing.First[0].Line != audit.Missing.First[0].Line-1 {
				t.Errorf("%s: missing are %+v, and in CSV %+v", name, found.Missing, audit.Missing)
			}
			if found.Form != audit.Form || found.Dialect != "" || found.Column != audit.Column || !cmp.Equal(found.Notes, audit.Notes) {
				t.Errorf("%s: the audit is %+v, and that of CSV %+v", name, found, audit)
			}
		}
	}
	if compared < 40 {
		t.Errorf("only %d files were compared", compared)
	}
}

func stored(t *testing.T, table *series.Table) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := arrow.Write(&b, table); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestFaultsNameRecordAndField(t *testing.T) {
	t.Parallel()
	const first = `{"unique_id":"A","ds":"2024-01-01","y":1}`
	for _, c := range []struct{ name, text, want string }{
		{"nothing", " \n", "the file is empty"},
		{"no records", "[]", "the file has no records"},
		{"a number", "7", `begins with '7'`},
		{"an array of numbers", "[" + first + ",7]", "record 2: is a number, and not an object with fields"},
		{"columns", `{"unique_id":["A"],"ds":["2024-01-01"],"y":[1]}`, `record 1, column "unique_id": is an array, and may be a number, a text or null`},
		{"nested", first + "\n" + `{"unique_id":"A","ds":{"day":[1,{"a":2}]},"y":2}`, `record 2, column "ds": is an object`},
		{"a field twice", `{"unique_id":"A","ds":"2024-01-01","y":1,"y":2}`, `record 1, column "y": appears twice`},
		{"a line break", `{"unique_id":"A\nB","ds":"2024-01-01","y":1}`, `record 1, column "unique_id": has a line break`},
		{"not JSON", first + "\n" + `{"unique_id":'A'}`, "record 2: is not JSON after byte 5"},
		{"a comma between lines", first + ",\n" + first, "record 2: is not JSON"},
		{"it breaks off", "[" + first + ",", "the file breaks off"},
		{"it breaks off in a record", first[:20], "record 1: is not JSON"},
		{"something after it", "[" + first + "] 7", "something follows the array of records"},
		{"no UTF-8", "{\"unique_id\":\"\xff\"}", "not valid UTF-8"},
		{"no number", first + "\n" + `{"unique_id":"A","ds":"2024-01-02","y":"many"}`, `record 2, column "y"`},
		{"a truth value", first + "\n" + `{"unique_id":"A","ds":"2024-01-02","y":true}`, `record 2, column "y"`},
		{"no time", first + "\n" + `{"unique_id":"A","ds":"soon","y":1}`, `record 2, column "ds"`},
		{"the same time", first + "\n" + `{"unique_id":"A","ds":"2024-01-01","y":2}`, "record 2, asset \"A\": record 1 already has the time 2024-01-01"},
	} {
		_, _, err := json.Read([]byte(c.text), series.Options{})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: the error is %v, want %q", c.name, err, c.want)
		}
	}
	var field *series.FieldError
	if _, _, err := json.Read([]byte(first), series.Options{Decimal: ","}); !errors.As(err, &field) || field.Field != "decimal" {
		t.Errorf("a decimal comma: the error is %v", err)
	}
}

// Records that have ever more fields, or few bytes for many cells, are bounded by the memory of the budget.
func TestRecordsBeyondTheirBudget(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	for k := range 3_000 {
		fmt.Fprintf(&b, "{\"A%d\":1}\n", k)
	}
	budget := series.NewPool(4<<20, time.Minute).Budget(t.Context())
	defer budget.Close()
	if _, _, err := json.Read([]byte(b.String()), series.Options{Budget: budget}); err == nil || !strings.Contains(err.Error(), "memory") {
		t.Errorf("the error is %v, want one of memory", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	ended := series.NewPool(4<<20, time.Minute).Budget(ctx)
	defer ended.Close()
	if _, _, err := json.Read([]byte(`{"ds":1,"A":1}`), series.Options{Budget: ended}); !errors.Is(err, context.Canceled) {
		t.Errorf("after the end: %v", err)
	}
}

func FuzzRead(f *testing.F) {
	for _, text := range []string{`[{"ds":"2024-01-01","A":1},{"ds":"2024-01-02","A":null,"B":2}]`, "{\"unique_id\":\"A\",\"ds\":1,\"y\":1}\n{\"unique_id\":\"A\",\"ds\":2,\"y\":\"1\"}",
		`[{"a":[{}]}]`, `[`, `{"a"`, `{"":""}`, "\uFEFF[{\"y\":1}]"} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		table, _, err := json.Read(data, series.Options{})
		if err == nil {
			if err := table.Verify(); err != nil {
				t.Error(err)
			}
		}
	})
}
