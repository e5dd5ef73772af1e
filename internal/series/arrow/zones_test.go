package arrow

import (
	"bytes"
	"testing"

	apache "github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/ipc"

	"foliocast/internal/series/seriestest"
)

// schemaMessage is a schema as the first message of an Arrow stream.
func schemaMessage(t testing.TB, fields ...apache.Field) []byte {
	t.Helper()
	var out bytes.Buffer
	w := ipc.NewWriter(&out, ipc.WithSchema(apache.NewSchema(fields, nil)))
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestSchemaZones(t *testing.T) {
	t.Parallel()
	at := func(name, zone string) apache.Field {
		return apache.Field{Name: name, Type: &apache.TimestampType{Unit: apache.Microsecond, TimeZone: zone}}
	}
	message := schemaMessage(t, at("ds", "America/New_York"), at("local", ""), at("utc", "UTC"), apache.Field{Name: "y", Type: apache.PrimitiveTypes.Float64})
	seriestest.Equal(t, "zones", SchemaZones(message), map[string]string{"ds": "America/New_York", "utc": "UTC"})
	seriestest.Equal(t, "zones without the marker", SchemaZones(message[4:]), map[string]string{"ds": "America/New_York", "utc": "UTC"})
	for n := range 8 {
		seriestest.Equal(t, "zones of a message cut off", SchemaZones(message[:n]), nil)
	}
	for i := range message {
		for _, with := range []byte{1, 0x7f, 0xff} {
			data := bytes.Clone(message)
			data[i] ^= with
			SchemaZones(data) // and does not panic
		}
	}
}
