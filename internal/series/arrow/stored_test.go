package arrow

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	apache "github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/ipc"

	"foliocast/internal/series/seriestest"
)

// compressed is a stored file as another program may write it.
func compressed(t *testing.T, stored []byte) []byte {
	t.Helper()
	in, err := ipc.NewFileReader(bytes.NewReader(stored))
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	out, err := ipc.NewFileWriter(&b, ipc.WithSchema(in.Schema()), ipc.WithLZ4())
	if err != nil {
		t.Fatal(err)
	}
	for i := range in.NumRecords() {
		record, err := in.RecordBatchAt(i)
		if err != nil {
			t.Fatal(err)
		}
		if err := out.Write(record); err != nil {
			t.Fatal(err)
		}
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestIsStored(t *testing.T) {
	t.Parallel()
	stored, err := os.ReadFile(storedFile(t, seriestest.Small))
	if err != nil {
		t.Fatal(err)
	}
	long := foreign(t, []built{{"unique_id", apache.BinaryTypes.String, []any{"A"}}, {"ds", apache.PrimitiveTypes.Int64, []any{"1"}}, {"y", apache.PrimitiveTypes.Float64, []any{1.0}}})
	for name, c := range map[string]struct {
		file []byte
		want bool
	}{
		"as written":    {stored, true},
		"compressed":    {compressed(t, stored), false},
		"the long form": {long, false},
		"cut off":       {stored[:len(stored)-1], false},
		"text":          {[]byte(seriestest.Small), false},
		"nothing":       {nil, false},
	} {
		path := filepath.Join(t.TempDir(), "t.arrow")
		if err := os.WriteFile(path, c.file, 0o600); err != nil {
			t.Fatal(err)
		}
		if got, err := IsStored(path); err != nil || got != c.want {
			t.Errorf("%s: got %v, %v, want %v", name, got, err, c.want)
		}
	}
	if _, err := IsStored(filepath.Join(t.TempDir(), "no.arrow")); err == nil {
		t.Error("a file that is not there")
	}
}
