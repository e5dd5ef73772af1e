package api

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"foliocast/internal/job"
	"foliocast/queue/message"
)

// The document describes each field that a result has: of an answer in which everything is there, and of one in which nothing is.
func TestResultsFitTheirSchema(t *testing.T) {
	t.Parallel()
	s := newService(t)
	var whole job.Answer
	fill(reflect.ValueOf(&whole).Elem())
	whole.State, whole.Time = job.Partial, job.TimeDate
	empty := job.Answer{State: job.Failed, Assets: []job.Asset{{Asset: "A", Error: &job.Error{Code: "stale", Detail: "too old"}}}}
	s.deliver()
	s.upload("prices", smallCSV)
	for name, a := range map[string]job.Answer{"everything": whole, "nothing": empty, "a forecast": answerFor("")} {
		j := s.submit()
		a.Job, a.Provenance.Hosts = j.ID, []string{"host"} // which every answer has
		text, err := json.Marshal(a)
		if err != nil {
			t.Fatal(err)
		}
		s.end(j.ID, message.Result{Outcome: message.Completed, Result: text})
		for path, schema := range map[string]string{"/result": "Answer", "/answer": "AnswerPage"} {
			var document map[string]any
			var got any
			for from, into := range map[string]any{"/openapi.json": &document, "/v1/jobs/" + string(j.ID) + path: &got} {
				if err := json.Unmarshal([]byte(s.send("GET", from, "").body), into); err != nil {
					t.Fatal(err)
				}
			}
			check := schemaCheck{schemas: document["components"].(map[string]any)["schemas"].(map[string]any)}
			check.value(map[string]any{"$ref": "#/components/schemas/" + schema}, got, "")
			if check.misfits != nil {
				t.Errorf("%s of %s: %s", name, path, strings.Join(check.misfits, "\n"))
			}
		}
	}
}

// fill gives everything inside a value something else than nothing.
func fill(v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i))
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem())
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0))
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		fill(key)
		fill(value)
		v.SetMapIndex(key, value)
	case reflect.String:
		v.SetString("80")
	case reflect.Float64:
		v.SetFloat(0.5)
	case reflect.Int, reflect.Int64:
		v.SetInt(1)
	case reflect.Bool:
		v.SetBool(true)
	}
}

// schemaCheck compares values with the JSON schemas of a document: what fields they have, which must be there, and of what types.
type schemaCheck struct {
	schemas map[string]any
	misfits []string
}

func (c *schemaCheck) misfit(at, format string, args ...any) {
	c.misfits = append(c.misfits, at+" "+fmt.Sprintf(format, args...))
}

func (c *schemaCheck) value(schema map[string]any, v any, at string) {
	if ref, is := schema["$ref"].(string); is {
		schema = c.schemas[ref[strings.LastIndexByte(ref, '/')+1:]].(map[string]any)
	}
	if choices, are := schema["oneOf"].([]any); are {
		if v == nil {
			schema = choices[1].(map[string]any)
		} else {
			c.value(choices[0].(map[string]any), v, at)
			return
		}
	}
	types, is := schema["type"].([]any)
	if !is {
		types = []any{schema["type"]}
	}
	kind := map[reflect.Kind]string{reflect.Map: "object", reflect.Slice: "array", reflect.Float64: "number", reflect.String: "string", reflect.Bool: "boolean", reflect.Invalid: "null"}[reflect.ValueOf(v).Kind()]
	if !slices.Contains(types, any(kind)) && !(kind == "number" && slices.Contains(types, "integer")) {
		c.misfit(at, "is of the type %s, and the schema says %v", kind, types)
		return
	}
	switch v := v.(type) {
	case map[string]any:
		c.object(schema, v, at)
	case []any:
		for i, item := range v {
			c.value(schema["items"].(map[string]any), item, fmt.Sprint(at, "/", i))
		}
	}
}

func (c *schemaCheck) object(schema, v map[string]any, at string) {
	properties, _ := schema["properties"].(map[string]any)
	others, open := schema["additionalProperties"].(map[string]any)
	required, _ := schema["required"].([]any)
	for _, name := range required {
		if _, there := v[name.(string)]; !there {
			c.misfit(at, "has no %s", name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(v)) {
		property, known := properties[name].(map[string]any)
		switch {
		case known:
			c.value(property, v[name], at+"/"+name)
		case open:
			c.value(others, v[name], at+"/"+name)
		default:
			c.misfit(at, "has %s, of which the schema says nothing", name)
		}
	}
}
