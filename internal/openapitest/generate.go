package openapitest

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
)

// operation is one of a document.
type operation struct {
	id, method, path string
	spec             map[string]any
	pointer          string // its place in the document
	parameters       []parameter
	bodies           map[string]any // their schemas, by media type
}

type parameter struct {
	name, in string
	required bool
	schema   any
}

// about is the kind of thing that an operation is about: the first name of its path.
func (o operation) about() string {
	first, _, _ := strings.Cut(strings.TrimPrefix(o.path, "/v1/"), "/")
	return first
}

// list fills in the operations, always in the same order.
func (d *document) list() {
	paths, _ := d.root["paths"].(map[string]any)
	for _, path := range slices.Sorted(maps.Keys(paths)) {
		item, _ := paths[path].(map[string]any)
		for _, method := range []string{"get", "post", "put", "patch", "delete"} {
			spec, is := item[method].(map[string]any)
			if !is {
				continue
			}
			op := operation{method: strings.ToUpper(method), path: path, spec: spec, pointer: "/paths/" + escape(path) + "/" + method, bodies: map[string]any{}}
			op.id, _ = spec["operationId"].(string)
			listed, _ := spec["parameters"].([]any)
			for _, one := range listed {
				one, _ = d.follow(one, "")
				fields, _ := one.(map[string]any)
				p := parameter{schema: fields["schema"]}
				p.name, _ = fields["name"].(string)
				p.in, _ = fields["in"].(string)
				p.required, _ = fields["required"].(bool)
				op.parameters = append(op.parameters, p)
			}
			body, _ := d.follow(spec["requestBody"], "")
			fields, _ := body.(map[string]any)
			content, _ := fields["content"].(map[string]any)
			for media, form := range content {
				inner, _ := form.(map[string]any)
				op.bodies[media] = inner["schema"]
			}
			d.operations = append(d.operations, op)
		}
	}
}

// Which token a request has.
const (
	tokenGood = iota
	tokenBad
	tokenMissing
)

// request is one that was made up.
type request struct {
	method, target, body string
	header               http.Header
	token                int
}

func (r request) String() string {
	return fmt.Sprintf("%s %s %v %.600q", r.method, r.target, r.header, r.body)
}

// generator makes requests up.
type generator struct {
	*rand.Rand
	document *document
	good     map[string][]string
	seen     map[string][]string // in answers
}

// chance is true that often in a hundred.
func (g *generator) chance(percent int) bool { return g.IntN(100) < percent }

func pick[T any](g *generator, of []T) T { return of[g.IntN(len(of))] }

// request makes a request up. Most are valid, as far as the document says what that is.
func (g *generator) request(op operation) request {
	r := request{method: op.method, header: http.Header{}}
	if g.chance(4) {
		r.token = 1 + g.IntN(2)
	}
	odd := 0 // how often in a hundred a parameter is not valid
	if g.chance(40) {
		odd = 30
	}
	target, query := op.path, url.Values{}
	fewer := pick(g, []int{100, 95, 60}) // how often in a hundred a parameter that may be absent is
	for _, p := range op.parameters {
		value := g.parameter(op, p, odd)
		switch {
		case p.in == "path":
			target = strings.ReplaceAll(target, "{"+p.name+"}", url.PathEscape(value))
		case !p.required && g.chance(fewer) || p.required && g.chance(odd/3):
		case p.in == "query":
			query.Add(p.name, value)
		case p.in == "header":
			r.header.Set(p.name, strings.Map(headerByte, value))
		}
	}
	if g.chance(odd / 6) {
		query.Add("no-such-parameter", "1")
	}
	if r.target = target; len(query) > 0 {
		r.target += "?" + query.Encode()
	}
	if len(op.bodies) > 0 {
		media := g.media(op)
		r.body = g.body(op.id, media, op.bodies[media])
		if g.chance(4) {
			media = pick(g, []string{"", "text/plain", "application/json; charset=latin1", "a/b/c"})
		}
		r.header.Set("Content-Type", media)
	}
	return r
}

// headerByte leaves out what a header cannot have.
func headerByte(r rune) rune {
	if r < ' ' || r > '~' {
		return -1
	}
	return r
}

// parameter is a value for a parameter.
func (g *generator) parameter(op operation, p parameter, odd int) string {
	if g.chance(odd) {
		return pick(g, oddTexts)
	}
	if own := g.seen[op.about()+" "+p.name]; len(own) > 0 && g.chance(70) {
		return pick(g, own)
	}
	switch v := g.value(p.schema, p.name, 0).(type) {
	case string:
		return v
	case []any:
		if len(v) == 0 {
			return ""
		}
		return strings.Trim(text(v[0]), `"`)
	default:
		return text(v)
	}
}

// media is a media type that an operation takes, and most often one of those that have good bodies.
func (g *generator) media(op operation) string {
	all := slices.Sorted(maps.Keys(op.bodies))
	good := slices.DeleteFunc(slices.Clone(all), func(m string) bool { return len(g.good[m]) == 0 })
	if len(good) > 0 && g.chance(75) {
		return pick(g, good)
	}
	return pick(g, all)
}

// body is a body of an operation, of a media type.
func (g *generator) body(id, media string, schema any) string {
	if own := g.good[id]; len(own) > 0 && g.chance(60) {
		body := pick(g, own)
		var value any
		if g.chance(40) && json.Unmarshal([]byte(body), &value) == nil {
			return text(g.bent(value))
		}
		return body
	}
	if own := g.good[media]; len(own) > 0 && g.chance(80) {
		return pick(g, own)
	}
	if g.chance(8) {
		return pick(g, oddBodies)
	}
	value := g.value(schema, "", 0)
	if g.chance(35) {
		value = g.bent(value)
	}
	if media == "application/x-www-form-urlencoded" {
		form := url.Values{}
		fields, _ := value.(map[string]any)
		for name, v := range fields {
			form.Set(name, strings.Trim(text(v), `"`))
		}
		return form.Encode()
	}
	return text(value)
}

// value is one of a schema. The name is that of the field or parameter that it is for.
func (g *generator) value(schema any, name string, depth int) any {
	schema, _ = g.document.follow(schema, "")
	s, _ := schema.(map[string]any)
	known := slices.Concat(g.good[name], g.seen[name])
	kind := typeOf(g, s)
	if (kind == "string" || depth == 0) && len(known) > 0 && g.chance(85) {
		return pick(g, known)
	}
	if examples, _ := s["examples"].([]any); len(examples) > 0 && g.chance(60) {
		return pick(g, examples)
	}
	if enum, _ := s["enum"].([]any); len(enum) > 0 {
		return pick(g, enum)
	}
	for _, word := range []string{"oneOf", "anyOf"} {
		if choices, _ := s[word].([]any); len(choices) > 0 {
			return g.value(pick(g, choices), name, depth)
		}
	}
	switch kind {
	case "object":
		return g.object(s, depth)
	case "array":
		n := number(s["minItems"], 0) + float64(g.IntN(3))
		list := []any{}
		for range int(min(n, number(s["maxItems"], 5), 5)) {
			list = append(list, g.value(s["items"], name, depth+1))
		}
		return list
	case "integer":
		least := number(s["minimum"], 0)
		return int64(least) + int64(g.IntN(int(max(1, min(20, number(s["maximum"], 1e6)-least+1)))))
	case "number":
		least := number(s["minimum"], number(s["exclusiveMinimum"], 0))
		return least + g.Float64()*min(5, number(s["maximum"], 1e6)-least)
	case "boolean":
		return g.chance(50)
	case "null":
		return nil
	}
	return g.string(s)
}

func typeOf(g *generator, s map[string]any) string {
	switch kind := s["type"].(type) {
	case string:
		return kind
	case []any:
		one, _ := pick(g, kind).(string)
		return one
	}
	if s["properties"] != nil {
		return "object"
	}
	return ""
}

func (g *generator) object(s map[string]any, depth int) map[string]any {
	required, _ := s["required"].([]any)
	properties, _ := s["properties"].(map[string]any)
	out := map[string]any{}
	more := pick(g, []int{0, 0, 4, 30}) // how often in a hundred a field that may be absent is there
	for _, name := range slices.Sorted(maps.Keys(properties)) {
		inner, _ := properties[name].(map[string]any)
		readOnly, _ := inner["readOnly"].(bool)
		if slices.Contains(required, any(name)) || !readOnly && depth < 4 && g.chance(more) {
			out[name] = g.value(inner, name, depth+1)
		}
	}
	if others, is := s["additionalProperties"].(map[string]any); is && depth < 4 {
		for range g.IntN(3) {
			out[pick(g, append([]string{"A"}, g.good["assets"]...))] = g.value(others, "", depth+1)
		}
	}
	return out
}

func (g *generator) string(s map[string]any) string {
	switch s["format"] {
	case "uuid":
		return "01890a5d-ac96-774b-bcce-b302099a8057"
	case "date-time":
		return pick(g, []string{"2024-05-31T08:00:00Z", "2099-12-31T23:59:59.5+02:00"})
	case "date":
		return "2024-05-31"
	case "uri":
		return "https://example.org/hook"
	}
	least := int(number(s["minLength"], 1))
	most := int(min(number(s["maxLength"], 12), 200))
	length := max(least, min(most, 1+g.IntN(12)))
	return strings.Repeat(pick(g, []string{"a", "b", "k7"}), length)[:length]
}

func number(v any, otherwise float64) float64 {
	if n, is := v.(json.Number); is {
		if f, err := n.Float64(); err == nil {
			return f
		}
	}
	return otherwise
}

// bent is a value with one place changed: another value, a field more, or one fewer.
func (g *generator) bent(v any) any {
	switch v := v.(type) {
	case map[string]any:
		if len(v) > 0 && !g.chance(20) {
			out := maps.Clone(v)
			name := pick(g, slices.Sorted(maps.Keys(v)))
			if g.chance(20) {
				delete(out, name)
			} else {
				out[name] = g.bent(v[name])
			}
			return out
		}
		out := maps.Clone(v)
		out["noSuchField"] = 1
		return out
	case []any:
		if len(v) > 0 && !g.chance(30) {
			out := slices.Clone(v)
			i := g.IntN(len(out))
			out[i] = g.bent(out[i])
			return out
		}
	}
	return pick(g, oddValues)
}

// remember keeps names, ids and positions of an answer for later requests.
func (g *generator) remember(op operation, got *httptest.ResponseRecorder) {
	if tag := got.Header().Get("ETag"); tag != "" {
		g.keep("If-Match", tag)
		g.keep(op.about()+" If-Match", tag)
	}
	var value any
	if got.Code < 300 && json.Unmarshal(got.Body.Bytes(), &value) == nil {
		g.collect(op.about(), value, "")
	}
}

func (g *generator) collect(about string, v any, name string) {
	switch v := v.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			g.collect(about, v[name], name)
		}
	case []any:
		for i := range v {
			if i < 3 {
				g.collect(about, v[i], name)
			}
		}
	case string:
		switch name {
		case "id", "name", "key", "username", "client_id", "worker", "token", "queue", "owner", "batch", "secret":
			g.keep(name, v)
			g.keep(about+" "+name, v)
		case "next":
			g.keep("cursor", v)
			g.keep("after", v)
		}
	}
}

// mostSeen is how many values of a name are kept.
const mostSeen = 30

func (g *generator) keep(name, value string) {
	if slices.Contains(g.seen[name], value) {
		return
	}
	if len(g.seen[name]) == mostSeen {
		g.seen[name][g.IntN(mostSeen)] = value
		return
	}
	g.seen[name] = append(g.seen[name], value)
}

var (
	oddTexts = []string{"", "*", "0", "-1", "1e3", "99999999999999999999", "\x00", "\xff\xfe", "..", "a/../b", "%00", "true", "null", "é", "9999-12-31T23:59:59Z", `"1"`, `W/"x"`,
		"01890a5d-ac96-774b-bcce-b302099a8057", strings.Repeat("x", 3000)}
	oddBodies = []string{"", "{", "[]", "null", "0", `"x"`, `{"a":1,"a":2}`, "\xff", "{}{}", "a=b&c", strings.Repeat("[", 2000), strings.Repeat(`{"a":`, 600) + "1" + strings.Repeat("}", 600)}
	oddValues = []any{nil, "", "\x00", "\u2028", -1, 0, 0.5, 1e300, json.Number("9223372036854775808"), json.Number("1e999"), true, []any{}, []any{nil}, map[string]any{}, map[string]any{"": nil},
		"9999-12-31T23:59:59.999999999Z", "-0001-01-01", strings.Repeat("é", 300), "*", "prices@0", "a/../b", json.Number("5e-324")}
)
