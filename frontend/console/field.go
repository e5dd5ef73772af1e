package console

import "strings"

// field is a field of a form: its label, what was typed, and what is wrong with that.
type field struct {
	Name, Label, Value, Hint string
	Errors                   []string

	Type, List, Complete string // attributes; "" for none
	Required             bool
}

// newField is a field of text.
func newField(name, label, value, hint string, errors []string) field {
	return field{Name: name, Label: label, Value: value, Hint: hint, Errors: errors}
}

// Typed is the field with another type than text.
func (f field) Typed(kind string) field { f.Type = kind; return f }

// Needed is the field, which must not be empty.
func (f field) Needed() field { f.Required = true; return f }

// Of is the field with proposals of a list.
func (f field) Of(list string) field { f.List = list; return f }

// Completes is the field with what a browser may fill in.
func (f field) Completes(with string) field { f.Complete = with; return f }

// Describe are the ids of what describes the field.
func (f field) Describe() string {
	var ids []string
	if f.Hint != "" {
		ids = append(ids, f.Name+"-hint")
	}
	if len(f.Errors) > 0 {
		ids = append(ids, f.Name+"-error")
	}
	return strings.Join(ids, " ")
}
