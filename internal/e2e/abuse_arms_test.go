package e2e

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"
)

// arms are the bodies and the files that hurt most.
type arms struct {
	bodies  map[string]string // as JSON
	uploads []upload
	half    string // of a CSV file
}

type upload struct{ name, media, file string }

func newArms(t *testing.T) *arms {
	t.Helper()
	job := func(field string) string { return `{"dataset":"noise","horizon":1,` + field + `}` }
	list := func(item string) string { return "[" + strings.Repeat(item+",", 4_000_000/(len(item)+1)) + item + "]" }
	var keys strings.Builder
	for i := range 250_000 {
		fmt.Fprintf(&keys, `"%d":-1,`, i)
	}
	a := &arms{half: "date,A\n" + strings.Repeat("2020-01-01,1\n", 50_000)}
	a.bodies = map[string]string{
		"wrong items":        job(`"assets":` + list("1")),
		"empty items":        job(`"assets":` + list(`""`)),
		"unknown assets":     job(`"assets":` + list(`"Z"`)),
		"lists of lists":     job(`"assets":` + list("[]")),
		"unknown fields":     "{" + keys.String() + `"dataset":"noise"}`,
		"many weights":       job(`"assets":["*"],"weights":{` + keys.String() + `"a":1}`),
		"depth":              job(`"assets":` + strings.Repeat("[", 1_000_000)),
		"a long string":      job(`"model":"` + strings.Repeat(`\u0041`, 600_000) + `"`),
		"a long number":      job(`"priority":` + strings.Repeat("9", 3_000_000)),
		"wrong ids":          `{"ids":` + list(`"x"`) + `}`,
		"no UTF-8":           `{"username":"` + strings.Repeat("\xff", 1_000_000) + `"}`,
		"more than may come": strings.Repeat(" ", 20_000_000),
	}
	folder := t.TempDir()
	flat := "unique_id,ds,y\n" + strings.Repeat("A,%d,1\n", 400_000)
	steps := make([]any, 400_000)
	for i := range steps {
		steps[i] = i
	}
	parquet, arrow := converted(t, folder, fmt.Sprintf(flat, steps...), "flat.parquet"), converted(t, folder, "step,A\n1,1\n2,2\n3,3\n", "small.arrow")
	broken := []byte(arrow)
	for i := len(broken) / 2; i < len(broken); i += 7 {
		broken[i] ^= 0x40
	}
	names := strings.Repeat("a,", 200_000)
	a.uploads = []upload{
		{"a file that expands", asParquet, parquet},
		{"a deep schema", asParquet, deepSchema(t, 10_000)},
		{"half a Parquet file", asParquet, parquet[:len(parquet)/2] + parquet[len(parquet)-8:]},
		{"a broken Arrow file", asArrow, string(broken)},
		{"Arrow of zeros", asArrow, "ARROW1\x00\x00" + strings.Repeat("\x00", 1_000_000) + "\xff\xff\xff\x7fARROW1"},
		{"one long line", asCSV, "date," + strings.Repeat("a", 20_000_000)},
		{"many columns", asCSV, "date," + names + "b\n" + strings.Repeat("2020-01-01,"+names+"1\n", 20)},
		{"a quote without end", asCSV, "date,A\n\"" + strings.Repeat("x\n", 8_000_000)},
		{"an asset a row", asCSV, "unique_id,ds,y\n" + fmt.Sprintf(strings.Repeat("A%d,2020-01-01,1\n", 400_000), steps...)},
		{"many rows", asCSV, "date,A\n" + strings.Repeat("2020-01-01,1\n", 2_000_000)},
	}
	return a
}

// converted writes a CSV file in another format, as mpicalc convert does.
func converted(t *testing.T, folder, csv, name string) string {
	t.Helper()
	input, output := filepath.Join(folder, name+".csv"), filepath.Join(folder, name)
	writeFile(t, input, csv)
	if text, err := exec.Command(program(t, "mpicalc"), "convert", "--input", input, "--output", output).CombinedOutput(); err != nil {
		t.Fatalf("mpicalc convert: %v\n%s", err, text)
	}
	file, err := os.ReadFile(output)
	if err != nil {
		t.Fatal(err)
	}
	return string(file)
}

// deepSchema is a Parquet file of nothing but one column inside of many structs.
func deepSchema(t *testing.T, levels int) string {
	t.Helper()
	m := &format.FileMetaData{Version: 1}
	for k := range levels {
		m.Schema = append(m.Schema, format.SchemaElement{Name: fmt.Sprintf("level%027d", k), NumChildren: thrift.New[int32](1)})
	}
	m.Schema = append(m.Schema, format.SchemaElement{Name: "y", Type: thrift.New(format.Double)})
	footer, err := thrift.Marshal(new(thrift.CompactProtocol), m)
	if err != nil {
		t.Fatal(err)
	}
	const magic = "PAR1"
	file := bytes.NewBufferString(magic)
	file.Write(footer)
	file.Write(binary.LittleEndian.AppendUint32(nil, uint32(len(footer))))
	return file.String() + magic
}
