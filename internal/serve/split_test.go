package serve

import (
	"bytes"
	"encoding/json"
	"testing"
)

// FuzzSplit checks that lists and objects have the parts that encoding/json finds.
func FuzzSplit(f *testing.F) {
	for _, text := range []string{`[]`, `[ 1 ,"a,]\"",[{}],{"b":[]} ]`, "{\"a\" :\t1,\"\\u0062\": \"}\" , \"c\":{\"d\":null}}", `[1e5,-0.5,true]`, `{"\\":"\\"}`} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var raw json.RawMessage
		if json.Unmarshal(text, &raw) != nil {
			return
		}
		var items []json.RawMessage
		var fields map[string]json.RawMessage
		switch {
		case raw[0] == '[' && json.Unmarshal(raw, &items) == nil:
			n := 0
			for item := range itemsOf(raw) {
				if n >= len(items) || !bytes.Equal(item, items[n]) {
					t.Fatalf("item %d is %q, want one of %q", n, item, items)
				}
				n++
			}
			if n != len(items) {
				t.Errorf("%d items, want %d", n, len(items))
			}
		case raw[0] == '{' && json.Unmarshal(raw, &fields) == nil:
			got := map[string][]byte{}
			for name, v := range fieldsOf(raw) {
				got[name] = v // the last of several, as encoding/json takes it
			}
			for name, want := range fields {
				if !bytes.Equal(got[name], want) {
					t.Errorf("field %q is %q, want %q", name, got[name], want)
				}
			}
			if len(got) != len(fields) {
				t.Errorf("%d fields, want %d", len(got), len(fields))
			}
		}
	})
}
