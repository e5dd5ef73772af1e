package authtest

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/danielgtaylor/huma/v2"
)

// FuzzOperations sends requests that it makes up to every operation of api, which handler serves, with the token of a caller who
// may do everything. Each has any text in its path, its query and its headers, and as its body any text, or an example of
// the operation's schema with one value replaced. No answer may be an internal error, and none may take much memory.
func FuzzOperations(f *testing.F, handler http.Handler, api huma.API, token func(*testing.T) string) {
	operations := operationsOf(api)
	for i, op := range operations {
		for where := range max(1, len(op.places)) {
			for what := range 3 {
				f.Add(uint16(i), uint16(where), uint16(3*where+what), "0", "", "*", "")
			}
		}
		f.Add(uint16(i), uint16(0), uint16(0), "%00", "limit=1&after=%ff&wait=0s", "\"1\"", "{}")
		f.Add(uint16(i), uint16(0), uint16(0), "key:\xff", "limit=-1&cursor=MDs&before=9999-12-31T23:59:59Z", "99999999999999999999", "grant_type=password&client_id=\x00&client_secret=%zz")
	}
	f.Fuzz(func(t *testing.T, number, where, what uint16, parameter, query, header, body string) {
		op := operations[int(number)%len(operations)]
		if body == "" {
			body = op.mutated(int(where), int(what))
		}
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		target := "http://service" + parameterPath(op.Path, parameter) + "?" + query
		req, err := http.NewRequestWithContext(ctx, op.Method, target, strings.NewReader(body))
		if err != nil {
			return // no client can send it
		}
		req.Header = http.Header{"Authorization": {"Bearer " + token(t)}, "Content-Type": {cmp.Or(op.media, header)}}
		for _, p := range op.Parameters {
			if p.In == "header" && http.CanonicalHeaderKey(p.Name) != "Content-Type" {
				req.Header.Set(p.Name, header)
			}
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, req)
		runtime.ReadMemStats(&after)
		if w.Code >= 500 && (w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "") {
			t.Errorf("%s %s with %.500q: got %d: %.500s", op.Method, target, body, w.Code, w.Body)
		}
		if took := after.TotalAlloc - before.TotalAlloc; took > mostFuzzMemory+64*uint64(len(body)) {
			t.Errorf("%s %s with %.500q of %d bytes took %d bytes of memory", op.Method, target, body, len(body), took)
		}
	})
}

// mostFuzzMemory is what a small request may take. Two hashes of passwords take 38 MiB.
const mostFuzzMemory = 96 << 20

func parameterPath(path, value string) string {
	return parameter.ReplaceAllString(path, strings.ReplaceAll(url.PathEscape(value), "$", "$$"))
}

// operation is one of an API, with an example of its body.
type operation struct {
	*huma.Operation
	media   string   // of its body; "" when there are several
	example any      // of its body, or nil
	places  []string // of the values in example, as JSON pointers
}

// operationsOf returns the operations of an API, always in the same order.
func operationsOf(api huma.API) []operation {
	var all []operation
	paths := api.OpenAPI().Paths
	for _, path := range slices.Sorted(maps.Keys(paths)) {
		item := paths[path]
		for _, op := range []*huma.Operation{item.Get, item.Post, item.Put, item.Patch, item.Delete} {
			if op == nil {
				continue
			}
			o := operation{Operation: op}
			if op.RequestBody != nil && len(op.RequestBody.Content) == 1 {
				for media, content := range op.RequestBody.Content {
					o.media = media
					o.example = exampleOf(api.OpenAPI().Components.Schemas, content.Schema, 0)
				}
			}
			o.places = placesIn(o.example, "")
			all = append(all, o)
		}
	}
	return all
}

// exampleOf is a value of a schema, with all its fields.
func exampleOf(registry huma.Registry, s *huma.Schema, depth int) any {
	for s != nil && s.Ref != "" {
		s = registry.SchemaFromRef(s.Ref)
	}
	switch {
	case s == nil || depth > 6:
		return nil
	case len(s.Enum) > 0:
		return s.Enum[0]
	case len(s.Examples) > 0:
		return s.Examples[0]
	}
	switch s.Type {
	case huma.TypeObject:
		fields := map[string]any{}
		for name, field := range s.Properties {
			fields[name] = exampleOf(registry, field, depth+1)
		}
		if others, ok := s.AdditionalProperties.(*huma.Schema); ok {
			fields["A"] = exampleOf(registry, others, depth+1)
		}
		return fields
	case huma.TypeArray:
		return []any{exampleOf(registry, s.Items, depth+1)}
	case huma.TypeInteger, huma.TypeNumber:
		if s.Minimum != nil {
			return max(1, *s.Minimum)
		}
		return 1
	case huma.TypeBoolean:
		return true
	case huma.TypeString:
		if s.Format == "uuid" {
			return "01890a5d-ac96-774b-bcce-b302099a8057"
		}
		if s.MinLength != nil {
			return strings.Repeat("a", max(1, *s.MinLength))
		}
		return "a"
	}
	return map[string]any{"a": []any{1}}
}

// placesIn lists the places of all values within v, v included.
func placesIn(v any, at string) []string {
	all := []string{at}
	switch v := v.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			all = append(all, placesIn(v[name], at+"/"+name)...)
		}
	case []any:
		for i := range v {
			all = append(all, placesIn(v[i], at+"/"+strconv.Itoa(i))...)
		}
	}
	return all
}

// odd are values that a field may not expect.
func odd() []string {
	return []string{`null`, `""`, `"\u0000"`, `"\ud800"`, `-1`, `0`, `0.5`, `1e999`, `9223372036854775808`, `2147483648`, `true`, `[]`, `[null]`, `{}`, `{"":null}`,
		`"9999-12-31T23:59:59.999999999Z"`, `"-0001-01-01"`, `"` + strings.Repeat("é", 300) + `"`, strings.Repeat("[", 50) + strings.Repeat("]", 50),
		`"*"`, `"prices@0"`, `"60s"`, `"%00"`, `"a/../b"`, `5e-324`}
}

// mutated is the operation's example with one value replaced, as JSON.
func (o operation) mutated(where, what int) string {
	if o.example == nil {
		return ""
	}
	values := odd()
	var b bytes.Buffer
	write(&b, o.example, "", o.places[where%len(o.places)], values[what%len(values)])
	return b.String()
}

// write writes v, which is at a place, with another text at the place to be replaced.
func write(b *bytes.Buffer, v any, at, replaced, text string) {
	if at == replaced {
		b.WriteString(text)
		return
	}
	switch v := v.(type) {
	case map[string]any:
		b.WriteByte('{')
		for i, name := range slices.Sorted(maps.Keys(v)) {
			fmt.Fprintf(b, "%s%q:", comma(i), name)
			write(b, v[name], at+"/"+name, replaced, text)
		}
		b.WriteByte('}')
	case []any:
		b.WriteByte('[')
		for i := range v {
			b.WriteString(comma(i))
			write(b, v[i], at+"/"+strconv.Itoa(i), replaced, text)
		}
		b.WriteByte(']')
	default:
		scalar, err := json.Marshal(v)
		if err != nil {
			scalar = []byte("null")
		}
		b.Write(scalar)
	}
}

func comma(i int) string {
	if i == 0 {
		return ""
	}
	return ","
}
