package pandas

import "testing"

// The texts are written by hand as "Storing pandas DataFrame objects in Apache Parquet format" of pandas' developer
// documentation says.
func TestRead(t *testing.T) {
	t.Parallel()
	const column = `{"name":"Date","field_name":"Date","pandas_type":"datetimetz","numpy_type":"datetime64[ns]","metadata":{"timezone":"Asia/Tokyo"}}`
	tests := map[string]struct {
		text  string
		index bool   // of Date
		zone  string // of Date
	}{
		"an index with a zone": {`{"index_columns":["Date"],"columns":[` + column + `],"pandas_version":"2.2.0"}`, true, "Asia/Tokyo"},
		"a range":              {`{"index_columns":[{"kind":"range","name":"Date","start":0,"stop":3,"step":1}],"columns":[` + column + `]}`, false, "Asia/Tokyo"},
		"no metadata":          {`{"index_columns":["Date"],"columns":[{"name":"Date","field_name":"Date","metadata":null}]}`, true, ""},
		"metadata of text":     {`{"index_columns":["k","Date"],"columns":[{"name":null,"field_name":"k","metadata":{"encoding":"UTF-8"}}]}`, true, ""},
		"not JSON":             {`{"index_columns":`, false, ""},
		"of another shape":     {`{"index_columns":7,"columns":"x"}`, false, ""},
		"nothing":              {``, false, ""},
	}
	for name, test := range tests {
		f := Read(test.text)
		if got := f.IsIndex("Date"); got != test.index {
			t.Errorf("%s: Date is an index: got %v, want %v", name, got, test.index)
		}
		if got := f.Zone("Date"); got != test.zone {
			t.Errorf("%s: got the zone %q, want %q", name, got, test.zone)
		}
		if f.IsIndex("A") || !f.IsIndex("__index_level_1__") {
			t.Errorf("%s: A is an index, or __index_level_1__ is not", name)
		}
	}
}
