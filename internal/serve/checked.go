package serve

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/danielgtaylor/huma/v2"

	"foliocast/internal/problem"
)

// Register registers an operation as huma.Register does. A body without faults is accepted
// in one pass over it. All others get a check that takes bounded memory: it counts before
// it looks at contents, lists the first [problem.MaxFaults] faults and counts the others.
// The router's own check makes an error of some hundred bytes for each item of a list, and
// was the way to turn a body of 4 MB into 1.5 GB. Values that the operation keeps as they
// come, such as the payload of a message, are not taken apart. Text that no database
// keeps is refused wherever it stands in a request.
func Register[I, O any](api huma.API, op huma.Operation, handler func(context.Context, *I) (*O, error)) {
	huma.Register(&checked{API: api}, op, storable(handler))
}

// maxValues is the most values, of all levels together, that a body may have besides
// those that are kept as they come. A job of 100,000 assets that says three things of
// each has 400,000.
const maxValues = 500_000

// checked is the API of one operation.
type checked struct {
	huma.API

	schema  *huma.Schema // of the body, or nil
	routers *huma.Schema // the same, as the router checks it
	once    sync.Once
	shape   *shape // of the schema, or nil
	// refused are the bodies, by their first bytes, that have too much of something for
	// the router to read the body of the operation from them, which it does even after
	// the check has failed.
	refused sync.Map
}

// Config returns the configuration of the API that it wraps: without it, the router would
// take the default, and let unknown query parameters through.
func (c *checked) Config() huma.Config {
	with, _ := c.API.(interface{ Config() huma.Config })
	return with.Config()
}

// DocumentOperation adds the operation to the API's document. The document gets a copy of
// the body's schema, so that the one of the router may change.
func (c *checked) DocumentOperation(op *huma.Operation) {
	if op.RequestBody != nil {
		if content := op.RequestBody.Content[mediaType]; content != nil && content.Schema != nil {
			documented := *content.Schema
			c.schema, c.routers, content.Schema = &documented, content.Schema, &documented
		}
	}
	if !op.Hidden {
		c.OpenAPI().AddOperation(op)
	}
}

// prepare makes the shape of the body, now that all schemas are as they will be. With one,
// the router's own check would find nothing: its schema then asks for nothing.
func (c *checked) prepare() {
	if c.schema == nil {
		return
	}
	if c.shape = shapeOf(c.OpenAPI().Components.Schemas, c.schema); c.shape != nil {
		*c.routers = huma.Schema{}
	}
}

const mediaType = "application/json"

// Unmarshal reads a body. The router calls it twice: first it wants a value to check,
// which this method checks itself, and then the body of the operation.
func (c *checked) Unmarshal(contentType string, body []byte, into any) (err error) {
	c.once.Do(c.prepare)
	a, ok := c.Adapter().(adapter)
	if !ok || len(body) <= smallBody {
		return c.unmarshal(contentType, body, into)
	}
	a.turns <- struct{}{}
	defer func() { <-a.turns }()
	Aside(func() { err = c.unmarshal(contentType, body, into) })
	return err
}

func (c *checked) unmarshal(contentType string, body []byte, into any) error {
	parsed, first := into.(*any)
	if c.schema == nil {
		return c.API.Unmarshal(contentType, body, into)
	}
	if !first {
		if _, refused := c.refused.LoadAndDelete(&body[0]); refused {
			return errRefused
		}
		return c.API.Unmarshal(contentType, body, into)
	}
	if contentType == mediaType && c.shape != nil && accepts(c.shape, body) {
		return nil
	}
	// The text must be JSON before it is taken apart.
	var text json.RawMessage
	if err := c.API.Unmarshal(contentType, body, &text); err != nil {
		return err
	}
	if err := strictJSON(text); err != nil {
		return err
	}
	check := bodyCheck{registry: c.OpenAPI().Components.Schemas, path: huma.NewPathBuffer(nil, 0)}
	check.path.Push("body")
	v, err := check.all(c.schema, text)
	if err != nil {
		return err
	}
	if check.tooMuch || len(check.faults) > problem.MaxFaults {
		c.refused.Store(&body[0], nil)
		return newFaultsError(enoughWords, check.faults)
	}
	if check.faults != nil {
		return newFaultsError(faultsWords, check.faults)
	}
	*parsed = v
	return nil
}

var errRefused = errors.New("the body was refused before")

// bodyCheck reads and checks values by their schemas, level by level.
type bodyCheck struct {
	registry huma.Registry
	path     *huma.PathBuffer    // of one value
	level    huma.ValidateResult // what the router says of it
	pointer  string              // to the value
	values   int
	tooMuch  bool // the contents of something were not looked at, because there are too many
	faults   []problem.Fault
}

// free is the schema of a value that is checked by itself, or not at all.
var free = &huma.Schema{}

// resolved is the schema that a reference stands for.
func (b *bodyCheck) resolved(s *huma.Schema) *huma.Schema {
	for s.Ref != "" {
		s = b.registry.SchemaFromRef(s.Ref)
	}
	return s
}

// of is the schema that a text is checked by: what a reference stands for and, of a list or a string, the one that the text
// begins as.
func (b *bodyCheck) of(s *huma.Schema, text []byte) *huma.Schema {
	s = b.resolved(s)
	list, str := listOrText(s)
	switch {
	case list == nil:
		return s
	case text[0] == '"':
		return str
	}
	return list
}

// below is the schema of a field of an object.
func below(s *huma.Schema, name string) *huma.Schema {
	if p := s.Properties[name]; p != nil {
		return p
	}
	if others, ok := s.AdditionalProperties.(*huma.Schema); ok {
		return others
	}
	return free
}

// all reads a whole text, if it does not have too many values.
func (b *bodyCheck) all(s *huma.Schema, text []byte) (any, error) {
	if b.count(s, text); b.values > maxValues {
		b.tooMuch = true
		b.faults = problem.Addf(nil, "", "has more than %d values, counting those in lists and objects", maxValues)
		return nil, nil
	}
	return b.read(s, text)
}

// count adds up the values in a text, to just beyond maxValues.
func (b *bodyCheck) count(s *huma.Schema, text []byte) {
	s = b.of(s, text)
	b.values++
	switch {
	case b.values > maxValues || s.Type == "":
	case text[0] == '[' && s.Items != nil:
		for item := range itemsOf(text) {
			if b.count(s.Items, item); b.values > maxValues {
				return
			}
		}
	case text[0] == '{' && s.Type == huma.TypeObject:
		for name, v := range fieldsOf(text) {
			field := free
			if s.Properties[name] != nil || s.AdditionalProperties != nil {
				field = below(s, name)
			}
			if b.count(field, v); b.values > maxValues {
				return
			}
		}
	}
}

// read reads a value of which the router knows what it must be, and checks it. Where it
// has a fault, what read returns is not complete.
func (b *bodyCheck) read(s *huma.Schema, text []byte) (any, error) {
	s = b.of(s, text)
	switch {
	case s.Type == "" && len(s.Enum) == 0:
		return json.RawMessage(text), nil
	case text[0] == '[' && s.Type == huma.TypeArray && s.Items != nil:
		return b.readList(s, text)
	case text[0] == '{' && s.Type == huma.TypeObject:
		return b.readObject(s, text)
	case text[0] == '[':
		return b.checked(s, []any{}), nil
	case text[0] == '{':
		return b.checked(s, map[string]any{}), nil
	}
	var v any
	if err := json.Unmarshal(text, &v); err != nil {
		return nil, err
	}
	return b.checked(s, v), nil
}

// readAt is read for a value inside the one that the pointer leads to.
func (b *bodyCheck) readAt(name string, s *huma.Schema, text []byte) (any, error) {
	if s == free {
		return json.RawMessage(text), nil
	}
	around := b.pointer
	b.pointer += "/" + name
	v, err := b.read(s, text)
	b.pointer = around
	return v, err
}

func (b *bodyCheck) readList(s *huma.Schema, text []byte) (any, error) {
	n := 0
	for range itemsOf(text) {
		n++
	}
	outer := *s
	outer.Items, outer.UniqueItems = free, false
	list := make([]any, n)
	if !b.valid(&outer, list) {
		b.tooMuch = b.tooMuch || n > problem.MaxFaults
		return list, nil
	}
	i := 0
	for item := range itemsOf(text) {
		v, err := b.readAt(strconv.Itoa(i), s.Items, item)
		if err != nil {
			return nil, err
		}
		list[i] = v
		i++
	}
	if s.UniqueItems && b.faults == nil {
		outer.UniqueItems = true
		b.valid(&outer, list)
	}
	return list, nil
}

func (b *bodyCheck) readObject(s *huma.Schema, text []byte) (any, error) {
	object := make(map[string]any)
	for name, v := range fieldsOf(text) {
		object[name] = v
	}
	if closed, is := s.AdditionalProperties.(bool); is && !closed && len(object) > len(s.Properties)+problem.MaxFaults {
		b.tooMuch = true
		b.faults = problem.Addf(b.faults, b.pointer, "has %d fields, and there are %d", len(object), len(s.Properties))
		return object, nil
	}
	outer := *s
	outer.Properties = make(map[string]*huma.Schema, len(s.Properties))
	for name, p := range s.Properties {
		outer.Properties[name] = &huma.Schema{ReadOnly: p.ReadOnly, WriteOnly: p.WriteOnly}
	}
	if _, others := s.AdditionalProperties.(*huma.Schema); others {
		outer.AdditionalProperties = true
	}
	b.valid(&outer, object)
	for _, name := range slices.Sorted(maps.Keys(object)) {
		text := object[name].([]byte)
		if string(text) == "null" && s.Properties[name] != nil && (!slices.Contains(s.Required, name) || s.Nullable) {
			object[name] = nil // as if it were absent
			continue
		}
		v, err := b.readAt(problem.Escape(name), below(s, name), text)
		if err != nil {
			return nil, err
		}
		object[name] = v
	}
	return object, nil
}

// checked is the value, which it checks as the router does.
func (b *bodyCheck) checked(s *huma.Schema, value any) any {
	b.valid(s, value)
	return value
}

// valid checks a value as the router does, and reports whether it has no fault.
func (b *bodyCheck) valid(s *huma.Schema, value any) bool {
	b.level.Reset()
	huma.Validate(b.registry, s, b.path, huma.ModeWriteToServer, value, &b.level)
	for _, err := range b.level.Errors {
		if len(b.faults) > problem.MaxFaults {
			b.faults = problem.Add(b.faults, problem.Fault{})
			continue
		}
		f := problem.Fault{Detail: err.Error()}
		if d, ok := err.(huma.ErrorDetailer); ok {
			f = fault(d.ErrorDetail())
		}
		f.Pointer = b.pointer + f.Pointer
		b.faults = problem.Add(b.faults, f)
	}
	return len(b.level.Errors) == 0
}

// What the message of newFaultsError begins with: enoughWords where no other check should
// look at the body.
const (
	faultsWords = "faults: "
	enoughWords = "faults enough: "
)

// counted is a fault with its count, in the message of newFaultsError.
type counted struct {
	Pointer, Detail string
	More            int
}

// newFaultsError makes an error of faults. The router keeps only the text of an error
// of Unmarshal, and so the text has all of them, for faultsIn to read.
func newFaultsError(words string, faults []problem.Fault) error {
	all := make([]counted, len(faults))
	for i, f := range faults {
		all[i] = counted(f)
	}
	text, err := json.Marshal(all)
	if err != nil {
		return err
	}
	return fmt.Errorf("%s%s", words, text)
}

// faultsIn reads the message of newFaultsError, or returns nil for another.
func faultsIn(message string) []problem.Fault {
	text, found := strings.CutPrefix(message, faultsWords)
	if !found {
		text, found = strings.CutPrefix(message, enoughWords)
	}
	var all []counted
	if !found || json.Unmarshal([]byte(text), &all) != nil {
		return nil
	}
	faults := make([]problem.Fault, len(all))
	for i, f := range all {
		faults[i] = problem.Fault(f)
	}
	return faults
}
