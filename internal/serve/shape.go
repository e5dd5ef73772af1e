package serve

import (
	"regexp"

	"github.com/danielgtaylor/huma/v2"
)

// shape is a schema, made ready for [accepts].
type shape struct {
	kind     kind
	nullable bool
	schema   *huma.Schema

	// of an object
	fields   map[string]field // that it may have
	required uint64           // the bits of those that it must have
	others   *shape           // of the values of a map, which may have any names

	// of a list
	items              *shape
	minItems, maxItems int
	unique             bool // no two strings of the list are equal

	// of a choice
	list, text *shape

	// of a string
	minLength, maxLength int
	pattern              *regexp.Regexp
	formatted            bool // the router looks at it
}

// field is a field of an object.
type field struct {
	*shape
	bit uint64 // of its own in the object
}

type kind int

const (
	anythingKind kind = iota // kept as it comes
	booleanKind
	numberKind
	integerKind
	textKind
	listKind
	objectKind  // with fields that are known
	mappingKind // with any names, and values of one shape
	choiceKind  // a list or a string
)

// most stands for a bound that a schema does not have.
const most = 1 << 62

// shapeOf is the shape of a schema, or nil if the schema has something that [accepts]
// does not know.
func shapeOf(registry huma.Registry, s *huma.Schema) *shape {
	c := shaper{registry: registry, named: map[string]*shape{}}
	root := c.shape(s)
	if c.unknown {
		return nil
	}
	return root
}

type shaper struct {
	registry huma.Registry
	named    map[string]*shape // by reference
	unknown  bool
}

func (c *shaper) shape(s *huma.Schema) *shape {
	if s == nil {
		c.unknown = true
		return nil
	}
	if s.Ref == "" {
		made := &shape{}
		c.fill(made, s)
		return made
	}
	if made := c.named[s.Ref]; made != nil {
		return made
	}
	made := &shape{}
	c.named[s.Ref] = made // before what is inside, which may refer to it
	for s != nil && s.Ref != "" {
		s = c.registry.SchemaFromRef(s.Ref)
	}
	c.fill(made, s)
	return made
}

var kinds = map[string]kind{"": anythingKind, huma.TypeBoolean: booleanKind, huma.TypeNumber: numberKind, huma.TypeInteger: integerKind,
	huma.TypeString: textKind, huma.TypeArray: listKind, huma.TypeObject: objectKind}

func (c *shaper) fill(made *shape, s *huma.Schema) {
	if s == nil {
		c.unknown = true
		return
	}
	if list, text := listOrText(s); list != nil {
		made.kind, made.list, made.text = choiceKind, c.shape(list), c.shape(text)
		return
	}
	kind, known := kinds[s.Type]
	if !known || s.OneOf != nil || s.AnyOf != nil || s.AllOf != nil || s.Not != nil || s.Discriminator != nil || s.MultipleOf != nil ||
		s.MinProperties != nil || s.MaxProperties != nil || len(s.DependentRequired) > 0 || len(s.Enum) > 0 && kind != textKind {
		c.unknown = true
		return
	}
	made.kind, made.nullable, made.schema = kind, s.Nullable, s
	switch kind {
	case objectKind:
		c.object(made, s)
	case listKind:
		made.items = c.shape(s.Items)
		made.minItems, made.maxItems = or(s.MinItems, 0), or(s.MaxItems, most)
		made.unique = s.UniqueItems
		c.unknown = c.unknown || s.UniqueItems && (made.items.kind != textKind || made.items.nullable)
	case textKind:
		made.minLength, made.maxLength = or(s.MinLength, 0), or(s.MaxLength, most)
		made.formatted = s.Format != "" || s.ContentEncoding != "" || len(s.Enum) > 0
		if s.Pattern != "" {
			made.pattern = regexp.MustCompile(s.Pattern)
		}
	}
}

// listOrText are the two choices of a schema that takes a list or a string, such as a star in place of names; nil of all others.
func listOrText(s *huma.Schema) (list, text *huma.Schema) {
	if len(s.OneOf) == 2 && s.Type == "" && s.OneOf[0].Type == huma.TypeArray && s.OneOf[1].Type == huma.TypeString {
		return s.OneOf[0], s.OneOf[1]
	}
	return nil, nil
}

// object fills in the shape of an object, which has either fields that are known or any.
func (c *shaper) object(made *shape, s *huma.Schema) {
	closed := false
	switch others := s.AdditionalProperties.(type) {
	case *huma.Schema:
		made.others = c.shape(others)
	case bool:
		made.others, closed = &shape{}, !others
	default:
		c.unknown = true
	}
	if !closed {
		made.kind = mappingKind
		c.unknown = c.unknown || len(s.Properties) > 0 || len(s.Required) > 0
		return
	}
	if len(s.Properties) > 64 { // one bit for each
		c.unknown = true
		return
	}
	made.fields = make(map[string]field, len(s.Properties))
	for name, p := range s.Properties {
		made.fields[name] = field{c.shape(p), 1 << len(made.fields)}
	}
	for _, name := range s.Required {
		f, known := made.fields[name]
		c.unknown = c.unknown || !known
		made.required |= f.bit
	}
}

func or(bound *int, otherwise int) int {
	if bound == nil {
		return otherwise
	}
	return *bound
}
