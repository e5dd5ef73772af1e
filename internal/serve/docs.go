package serve

import (
	"bytes"
	"cmp"
	"embed"
	"fmt"
	"html/template"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"
)

//go:embed reference
var reference embed.FS

// docs serves the reference of the API, made of its OpenAPI document: one page without
// scripts, which asks nobody else for anything.
func (d *Door) docs() {
	page := sync.OnceValues(d.referencePage) // the operations are registered later than this
	serve := func(kind string, text func() ([]byte, error)) gin.HandlerFunc {
		return func(g *gin.Context) {
			h := g.Writer.Header()
			h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
			h.Set("Referrer-Policy", "no-referrer")
			d.constant(kind, text)(g)
		}
	}
	d.Router.Match(methods(http.MethodGet), "/docs", serve("text/html; charset=utf-8", page))
	d.Router.Match(methods(http.MethodGet), "/docs.css", serve("text/css; charset=utf-8", func() ([]byte, error) { return reference.ReadFile("reference/docs.css") }))
}

// documented is an operation as the reference shows it.
type documented struct {
	*huma.Operation
	Scopes []string
	Public bool
	Body   []mediaSchema
	Answer []answered
}

// mediaSchema is what a body is in one media type.
type mediaSchema struct {
	Media  string
	Schema *huma.Schema
}

type answered struct {
	Status string
	*huma.Response
	Body []mediaSchema
}

// referencePage is the reference as HTML.
func (d *Door) referencePage() ([]byte, error) {
	api := d.API.OpenAPI()
	funcs := template.FuncMap{"type": typeOf, "bounds": bounds, "anchor": func(name string) string { return "schema-" + name }, "has": slices.Contains[[]string], "link": linkOf}
	page, err := template.New("docs.html").Funcs(funcs).ParseFS(reference, "reference/docs.html")
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	err = page.Execute(&b, map[string]any{"Info": api.Info, "Service": d.Name, "Operations": operationsOf(api), "Schemas": api.Components.Schemas.Map()})
	return b.Bytes(), err
}

// operationsOf lists the operations by path.
func operationsOf(api *huma.OpenAPI) []documented {
	var all []documented
	for _, path := range slices.Sorted(maps.Keys(api.Paths)) {
		item := api.Paths[path]
		for _, op := range []*huma.Operation{item.Get, item.Post, item.Put, item.Patch, item.Delete} {
			if op != nil {
				all = append(all, document(op))
			}
		}
	}
	return all
}

func document(op *huma.Operation) documented {
	out := documented{Operation: op, Public: len(op.Security) == 0}
	for _, needs := range op.Security {
		for _, scopes := range needs {
			out.Scopes = append(out.Scopes, scopes...)
		}
	}
	if op.RequestBody != nil {
		out.Body = media(op.RequestBody.Content)
	}
	for _, status := range slices.Sorted(maps.Keys(op.Responses)) {
		r := op.Responses[status]
		out.Answer = append(out.Answer, answered{status, r, media(r.Content)})
	}
	return out
}

func media(content map[string]*huma.MediaType) []mediaSchema {
	var all []mediaSchema
	for _, kind := range slices.Sorted(maps.Keys(content)) {
		all = append(all, mediaSchema{kind, content[kind].Schema})
	}
	return all
}

// linkOf is the name of the schema that another one is, or is a list of; "" for none.
func linkOf(s *huma.Schema) string {
	for s != nil && (s.Items != nil || s.OneOf != nil) {
		if s.OneOf != nil { // that, or null
			s = s.OneOf[0]
			continue
		}
		s = s.Items
	}
	if s == nil || s.Ref == "" {
		return ""
	}
	return s.Ref[strings.LastIndexByte(s.Ref, '/')+1:]
}

// typeOf is the type of a value in words.
func typeOf(s *huma.Schema) string {
	switch {
	case s == nil:
		return ""
	case s.Ref != "":
		return linkOf(s)
	case s.OneOf != nil && s.OneOf[1].Type != "null":
		return typeOf(s.OneOf[0]) + " or " + typeOf(s.OneOf[1])
	case s.OneOf != nil:
		return typeOf(s.OneOf[0]) + " or null"
	case s.Items != nil:
		return "list of " + typeOf(s.Items)
	case s.Type == huma.TypeObject:
		if values, is := s.AdditionalProperties.(*huma.Schema); is {
			return "object of " + typeOf(values)
		}
	}
	if s.Format != "" {
		return cmp.Or(s.Type, "any") + ", " + s.Format
	}
	return cmp.Or(s.Type, "any")
}

// bounds are the bounds of a value in words.
func bounds(s *huma.Schema) string {
	if s == nil {
		return ""
	}
	var all []string
	add := func(format string, bound any, given bool) {
		if given {
			all = append(all, fmt.Sprintf(format, bound))
		}
	}
	add("at least %v", valueAt(s.Minimum), s.Minimum != nil)
	add("at most %v", valueAt(s.Maximum), s.Maximum != nil)
	add("at least %v characters", valueAt(s.MinLength), s.MinLength != nil)
	add("at most %v characters", valueAt(s.MaxLength), s.MaxLength != nil)
	add("at least %v items", valueAt(s.MinItems), s.MinItems != nil)
	add("at most %v items", valueAt(s.MaxItems), s.MaxItems != nil)
	add("%v", s.PatternDescription, s.PatternDescription != "")
	if s.PatternDescription == "" {
		add("matches %v", s.Pattern, s.Pattern != "")
	}
	if len(s.Enum) > 0 {
		names := make([]string, len(s.Enum))
		for i, value := range s.Enum {
			names[i] = fmt.Sprint(value)
		}
		all = append(all, "one of "+strings.Join(names, ", "))
	}
	add("%v when absent", s.Default, s.Default != nil)
	return strings.Join(all, "; ")
}

func valueAt[T any](p *T) any {
	if p == nil {
		return nil
	}
	return *p
}
