package serve

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/yaml"
	"github.com/gin-gonic/gin"

	"foliocast/internal/problem"
)

// Also is the key, in the metadata of an operation, of a list of statuses with which it answers besides its own when all is well, such as
// 200 to a repetition of what was answered with 201. The body is the same.
const Also = "also"

// Faults is the key, in the metadata of an operation, of a list of statuses of faults that do not follow from what it takes.
const Faults = "faults"

// OtherForm is the key, in the metadata of an operation, of the *huma.Schema of JSON that a refusal may be instead of a problem, such as
// that of OAuth 2.0.
const OtherForm = "other-form"

// openapi serves the description of the API for programs: as OpenAPI 3.1, and as 3.0 for generators that know no other.
func (d *Door) openapi() {
	for name, old := range map[string]bool{"/openapi": false, "/openapi-3.0": true} {
		text := sync.OnceValues(func() ([]byte, error) { return describe(d.API.OpenAPI(), old) }) // the operations are registered later than this
		asYAML := sync.OnceValues(func() ([]byte, error) {
			from, err := text()
			if err != nil {
				return nil, err
			}
			var b bytes.Buffer
			err = yaml.Convert(&b, bytes.NewReader(from))
			return b.Bytes(), err
		})
		d.Router.Match(methods(http.MethodGet), name+".json", d.constant("application/vnd.oai.openapi+json", text))
		d.Router.Match(methods(http.MethodGet), name+".yaml", d.constant("application/vnd.oai.openapi", asYAML))
	}
}

// constant answers with a text that is made once.
func (d *Door) constant(kind string, text func() ([]byte, error)) gin.HandlerFunc {
	return func(g *gin.Context) {
		body, err := text()
		if err != nil {
			d.Refuse(g, problem.New(problem.Internal, sentence(http.StatusInternalServerError, "")).Because(err))
			return
		}
		g.Data(http.StatusOK, kind, body)
	}
}

// object is one of JSON.
type object = map[string]any

// describe is the document of an API, in the old form of OpenAPI 3.0 if asked to. It says whom it is from, what each operation needs, and
// with which faults it answers. Those faults are declared in one place, as responses that the operations refer to.
func describe(api *huma.OpenAPI, old bool) ([]byte, error) {
	write := api.MarshalJSON
	if old {
		write = api.Downgrade
	}
	text, err := write()
	if err != nil {
		return nil, err
	}
	var all object
	if err := json.Unmarshal(text, &all); err != nil {
		return nil, err
	}
	each(all, plainPattern)
	if old {
		each(all, downgrade)
	}
	info, _ := all["info"].(object)
	info["description"] = "Forecasts of portfolios. Faults are problem details as in RFC 9457; errors in the body of a request have JSON pointers to its fields."
	info["license"] = object{"name": "Apache 2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"}
	info["contact"] = object{"name": "The operator of this service"}
	all["servers"] = []any{object{"url": "/", "description": "The service that this document is from"}}
	components, _ := all["components"].(object)
	responses := object{}
	components["responses"] = responses
	tags := map[string]bool{}
	paths, _ := all["paths"].(object)
	for path, item := range api.Paths {
		for method, op := range operationsAt(item) {
			shown, _ := paths[path].(object)[method].(object)
			if shown == nil {
				continue
			}
			tag := tagOf(path)
			if len(op.Tags) > 0 {
				tag = op.Tags[0]
			}
			tags[tag], shown["tags"] = true, []any{tag}
			needed(op, shown)
			answers(op, shown, responses)
		}
	}
	var list []any
	for _, tag := range slices.Sorted(maps.Keys(tags)) {
		list = append(list, object{"name": tag, "description": tagWords[tag]})
	}
	all["tags"] = list
	return json.Marshal(all)
}

// operationsAt are the operations of a path, by the names that the document gives to their methods.
func operationsAt(item *huma.PathItem) map[string]*huma.Operation {
	all := map[string]*huma.Operation{"get": item.Get, "post": item.Post, "put": item.Put, "patch": item.Patch, "delete": item.Delete}
	maps.DeleteFunc(all, func(_ string, op *huma.Operation) bool { return op == nil })
	return all
}

// tagOf is what the operations of a path are about: its first name, not counting the version.
func tagOf(path string) string {
	first, rest, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	if first == "v1" || first == ".well-known" {
		first, _, _ = strings.Cut(rest, "/")
	}
	return first
}

// needed says what right an operation needs. A scheme of the type http has no scopes in OpenAPI.
func needed(op *huma.Operation, shown object) {
	var scopes []string
	for _, scheme := range op.Security {
		for name, needs := range scheme {
			scopes = append(scopes, needs...)
			shown["security"] = []any{object{name: []any{}}}
		}
	}
	sentence := "Needs no token."
	switch {
	case len(scopes) > 0:
		shown["x-scopes"] = scopes
		sentence = "Needs the scope " + strings.Join(scopes, " and ") + "."
	case len(op.Security) > 0:
		sentence = "Needs an access token."
	default:
		shown["security"] = []any{}
	}
	shown["description"] = strings.TrimSpace(op.Description + " " + sentence)
}

// answers adds what an operation answers besides its usual status.
func answers(op *huma.Operation, shown, responses object) {
	declared, _ := shown["responses"].(object)
	statuses, _ := op.Metadata[Also].([]int)
	usual := strconv.Itoa(op.DefaultStatus)
	for _, status := range statuses {
		declared[strconv.Itoa(status)] = renamed(declared[usual], status)
	}
	faults, _ := declared["default"].(object)
	content, _ := faults["content"].(object)
	_, usualFaults := content[problem.ContentType]
	for _, status := range statusesOfFaults(op) {
		if len(content) > 0 && !usualFaults { // faults of a form of their own
			declared[strconv.Itoa(status)] = faults
			continue
		}
		name := strings.ReplaceAll(strings.ReplaceAll(http.StatusText(status), " ", ""), "-", "")
		if status == http.StatusUnprocessableEntity { // its name in RFC 9110
			name = "UnprocessableContent"
		}
		if _, own := declared[strconv.Itoa(status)]; own {
			continue
		}
		if other, is := op.Metadata[OtherForm].(*huma.Schema); is && status < http.StatusInternalServerError && status != http.StatusUnprocessableEntity {
			declared[strconv.Itoa(status)] = object{"description": faultWords[status], "content": object{
				problem.ContentType: object{"schema": object{"$ref": "#/components/schemas/Problem"}},
				"application/json":  object{"schema": object{"$ref": other.Ref}}}}
			continue
		}
		declared[strconv.Itoa(status)] = object{"$ref": "#/components/responses/" + name}
		responses[name] = object{"description": faultWords[status], "content": object{problem.ContentType: object{"schema": object{"$ref": "#/components/schemas/Problem"}}}}
	}
}

// renamed is a response for another status.
func renamed(response any, status int) object {
	out := maps.Clone(response.(object))
	out["description"] = http.StatusText(status)
	return out
}

// statusesOfFaults are the statuses of the faults with which an operation answers, by what it takes.
func statusesOfFaults(op *huma.Operation) []int {
	all := []int{http.StatusUnprocessableEntity, http.StatusTooManyRequests, http.StatusInternalServerError, http.StatusServiceUnavailable}
	own, _ := op.Metadata[Faults].([]int)
	all = append(all, own...)
	if len(op.Security) > 0 {
		all = append(all, http.StatusUnauthorized, http.StatusForbidden)
	}
	if op.RequestBody != nil {
		all = append(all, http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType)
	}
	if strings.Contains(op.Path, "{") {
		all = append(all, http.StatusNotFound)
	}
	if strings.Contains(op.Path, "{") || op.Method != http.MethodGet {
		all = append(all, http.StatusConflict)
	}
	header := func(name string) bool {
		return slices.ContainsFunc(op.Parameters, func(p *huma.Param) bool { return p.In == "header" && p.Name == name })
	}
	if header("If-Match") {
		all = append(all, http.StatusPreconditionFailed, http.StatusPreconditionRequired)
	}
	if header("Accept") {
		all = append(all, http.StatusNotAcceptable)
	}
	return all
}

var faultWords = map[int]string{
	http.StatusBadRequest:            "The request cannot be read",
	http.StatusUnauthorized:          "There is no valid token",
	http.StatusForbidden:             "The token lacks a right that this needs",
	http.StatusNotFound:              "There is nothing of this name",
	http.StatusNotAcceptable:         "It cannot be had in a form that Accept names",
	http.StatusConflict:              "What this is about does not allow it now, or has changed",
	http.StatusPreconditionFailed:    "It has another version than If-Match says",
	http.StatusPreconditionRequired:  "If-Match must say which version is meant",
	http.StatusRequestEntityTooLarge: "The body is too large",
	http.StatusUnsupportedMediaType:  "The body has a media type that is not taken here",
	http.StatusUnprocessableEntity:   "Some fields or parameters are not right: errors names them",
	http.StatusTooManyRequests:       "There are too many requests: Retry-After says when to try again",
	http.StatusInternalServerError:   "The service has failed: its log says why, under the id of the request",
	http.StatusServiceUnavailable:    "The service, or one that it needs, does not answer now: Retry-After says when to try again",
}

// each calls a function for every object of a document, from the inside out.
func each(of any, do func(object)) {
	switch x := of.(type) {
	case object:
		for _, inner := range x {
			each(inner, do)
		}
		do(x)
	case []any:
		for _, inner := range x {
			each(inner, do)
		}
	}
}

// plainPattern puts what the router says of a pattern into the description: OpenAPI has no field for it.
func plainPattern(x object) {
	words, is := x["patternDescription"].(string)
	if !is {
		return
	}
	delete(x, "patternDescription")
	if text, _ := x["description"].(string); text != "" {
		words = text + ": " + words
	}
	x["description"] = words
}

// downgrade mends what OpenAPI 3.0 does not know and the router leaves in its downgraded document: lists of types, null as a
// choice, media types of strings, and words beside a reference.
func downgrade(x object) {
	if types, is := x["type"].([]any); is {
		for _, t := range types {
			if t == "null" {
				x["nullable"] = true
			} else {
				x["type"] = t
			}
		}
	}
	if choice, is := x["oneOf"].([]any); is {
		rest := slices.DeleteFunc(slices.Clone(choice), func(one any) bool { o, _ := one.(object); return o["type"] == "null" })
		switch {
		case len(rest) == len(choice):
		case len(rest) == 1:
			delete(x, "oneOf")
			x["allOf"], x["nullable"], x["type"] = rest, true, "object" // the one thing that may be null here is an object
		default: // values of several types
			delete(x, "oneOf")
			for _, one := range rest {
				one.(object)["nullable"] = true
			}
			x["anyOf"] = rest // null is of each of them, and so of more than one
		}
	}
	delete(x, "contentMediaType")
	if ref, is := x["$ref"].(string); is && len(x) > 1 {
		delete(x, "$ref")
		x["allOf"] = []any{object{"$ref": ref}}
	}
}

// tagWords say what the operations of a tag are about.
var tagWords = map[string]string{
	"audit":     "Who changed what",
	"batches":   "Jobs that are submitted as one thing",
	"clients":   "Programs for those who write programs",
	"datasets":  "Series of values, in versions",
	"dead":      "Messages that were given up",
	"events":    "What happens to jobs, as it happens",
	"jobs":      "Forecasts and backtests",
	"leases":    "Messages that workers have",
	"messages":  "Work that waits for a worker",
	"nixtla":    "The flat form, which clients of Nixtla's forecasting API send and read",
	"oauth":     "Tokens as OAuth 2.0 has them, and the keys that sign them",
	"owners":    "Whose messages wait, and their shares",
	"queues":    "The queues, which share the waiting messages",
	"results":   "What became of messages, in order",
	"schedules": "Jobs that are submitted again and again",
	"services":  "Service accounts, for programs",
	"sessions":  "Signing in and out, and who a token belongs to",
	"tokens":    "Personal access tokens",
	"usage":     "What the jobs of each owner took",
	"users":     "People who may sign in",
	"webhooks":  "Addresses that are told of events",
	"workers":   "Worlds of ranks, and what they do",
}
