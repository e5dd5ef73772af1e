package job

import (
	"reflect"
	"strings"
)

// Choices lists the words that a field of a [Spec] or a [Plan] takes, by its name in JSON; nil where it takes others, too, or is no field.
func Choices(field string) []string {
	switch field {
	case "models", "compare":
		return Models()
	case "by":
		return Classes()
	}
	for _, t := range []reflect.Type{reflect.TypeFor[Spec](), reflect.TypeFor[Plan]()} {
		for i := range t.NumField() {
			name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
			if words := t.Field(i).Tag.Get("enum"); name == field && words != "" {
				return strings.Split(words, ",")
			}
		}
	}
	return nil
}
