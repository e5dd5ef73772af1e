package serve

import (
	"context"
	"reflect"
	"strconv"
	"strings"

	"foliocast/internal/problem"
)

// storable wraps a handler: it refuses input with text that no database keeps,
// wherever it stands. The router has read the input by then, and takes NUL
// everywhere, and bytes that are not UTF-8 in paths, queries and headers.
func storable[I, O any](handler func(context.Context, *I) (*O, error)) func(context.Context, *I) (*O, error) {
	return func(ctx context.Context, in *I) (*O, error) {
		var w textWalk
		w.input(reflect.ValueOf(in))
		switch {
		case w.faults != nil:
			return nil, problem.New(problem.Invalid, "the request has faults", append(w.faults, w.path...)...)
		case w.path != nil: // nothing has such a name
			return nil, problem.New(problem.NotFound, "the path names nothing", w.path...)
		}
		return handler(ctx, in)
	}
}

// textWalk looks for text that cannot be kept in the input of an operation.
type textWalk struct {
	faults []problem.Fault
	path   []problem.Fault // in the path
}

// input looks at the parameters and the body of an operation's input.
func (w *textWalk) input(v reflect.Value) {
	for v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return
		}
		v = v.Elem()
	}
	if v.Kind() != reflect.Struct {
		return
	}
	for i := range v.NumField() {
		field := v.Type().Field(i)
		switch {
		case !field.IsExported():
		case field.Anonymous:
			w.input(v.Field(i))
		case field.Name == "Body":
			if !stored(v.Field(i)) {
				w.value("", v.Field(i), &w.faults)
			}
		default:
			for _, place := range []string{"path", "query", "header", "cookie"} {
				tag, found := field.Tag.Lookup(place)
				if !found {
					continue
				}
				to := &w.faults
				if place == "path" {
					to = &w.path
				}
				name, _, _ := strings.Cut(tag, ",")
				w.value(name, v.Field(i), to)
			}
		}
	}
}

// stored reports whether [textWalk.value] would find nothing in a value. Almost always it
// would not, and needs longer, because it notes where it is.
func stored(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.String:
		return problem.Storable(v.String())
	case reflect.Pointer, reflect.Interface:
		return v.IsNil() || stored(v.Elem())
	case reflect.Slice, reflect.Array:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			return true
		}
		for i := range v.Len() {
			if !stored(v.Index(i)) {
				return false
			}
		}
	case reflect.Map:
		return storedMap(v)
	case reflect.Struct:
		for i := range v.NumField() {
			if field := v.Field(i); field.CanInterface() && !stored(field) { // only exported ones can
				return false
			}
		}
	}
	return true
}

// storedMap is [stored] for a map. Inside it, the loop would make each call of stored allocate.
func storedMap(v reflect.Value) bool {
	for key, item := range v.Seq2() {
		if !stored(key) || !stored(item) {
			return false
		}
	}
	return true
}

// value looks at a value and at what is in it. Bytes are kept as they come.
func (w *textWalk) value(pointer string, v reflect.Value, to *[]problem.Fault) {
	switch v.Kind() {
	case reflect.String:
		w.text(pointer, v.String(), to)
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			w.value(pointer, v.Elem(), to)
		}
	case reflect.Slice, reflect.Array:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			return
		}
		for i := range v.Len() {
			w.value(pointer+"/"+strconv.Itoa(i), v.Index(i), to)
		}
	case reflect.Map:
		for key, item := range v.Seq2() {
			inside := pointer + "/" + problem.Escape(strings.ToValidUTF8(key.String(), "\uFFFD"))
			if key.Kind() == reflect.String {
				w.text(inside, key.String(), to)
			}
			w.value(inside, item, to)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if field := v.Type().Field(i); field.IsExported() {
				w.value(inField(pointer, field), v.Field(i), to)
			}
		}
	}
}

func (w *textWalk) text(pointer, text string, to *[]problem.Fault) {
	if len(*to) < problem.MaxFaults && !problem.Storable(text) {
		*to = append(*to, problem.Fault{Pointer: pointer, Detail: "must be UTF-8, without the character NUL"})
	}
}

// inField is the pointer to a field of a struct.
func inField(pointer string, field reflect.StructField) string {
	name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
	switch {
	case name == "" && field.Anonymous:
		return pointer
	case name == "":
		name = field.Name
	}
	return pointer + "/" + name
}
