// Package openapitest holds a service to its own OpenAPI document: it makes requests up for every
// operation of the document, valid ones, nearly valid ones and hostile ones, and compares the
// status, the media type and the body of each answer with what the document declares.
package openapitest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"mime"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// Service is a service to be held to its document.
type Service struct {
	Handler http.Handler
	Token   func() string // of a caller who may do everything

	// Values are good ones for parameters and fields, by their names, such as the name of a
	// dataset that there is. They are whole bodies by the id of an operation, or by a media type.
	Values map[string][]string

	// Waiting are the ids of operations that wait for what never happens in the test. They are
	// given little time.
	Waiting []string

	// Bytes are the ids of operations that take bytes of which there is no example.
	Bytes []string

	// Apart are the ids of operations whose example names what only another place has, and which refuse it for that.
	Apart []string
}

// RequestsVariable sets how many requests a test makes up. They then begin with another seed each
// time, which the test logs.
const RequestsVariable = "FOLIOCAST_API_REQUESTS"

// short is how many requests a plain test makes up.
const short = 400

// How long a request may take. Streams and long polls end with it.
const (
	answerTime = 5 * time.Second
	streamTime = 200 * time.Millisecond
)

// mostFaults is how many answers a test reports.
const mostFaults = 20

// Check sends the requests.
func Check(t *testing.T, s Service) {
	t.Helper()
	n, seed := short, uint64(1)
	if text := os.Getenv(RequestsVariable); text != "" {
		var err error
		if n, err = strconv.Atoi(text); err != nil {
			t.Fatalf("%s: %v", RequestsVariable, err)
		}
		seed = rand.Uint64()
		t.Logf("%d requests from the seed %d", n, seed)
	}
	d := read(t, s.Handler)
	d.checkWords(t)
	g := &generator{Rand: rand.New(rand.NewPCG(seed, 0)), document: d, good: s.Values, seen: map[string][]string{}}
	s.checkExamples(t, g)
	faults := map[string]bool{}
	statuses := map[string]map[int]bool{}
	for i := range n {
		op := d.operations[i%len(d.operations)]
		if op.method == http.MethodDelete && g.chance(70) {
			op = pick(g, d.operations) // else there would be little left for the others
		}
		r := g.request(op)
		limit := d.timeOf(op)
		if slices.Contains(s.Waiting, op.id) {
			limit = streamTime
		}
		got := s.send(t, r, limit)
		if got == nil {
			continue
		}
		if statuses[op.id] == nil {
			statuses[op.id] = map[int]bool{}
		}
		statuses[op.id][got.Code] = true
		g.remember(op, got)
		why := d.undeclared(op, got)
		if key := op.id + why; why != "" && !faults[key] && len(faults) < mostFaults {
			faults[key] = true
			t.Errorf("request %d, %s:\n%s\nwas answered with %d %s %.600s\n%s", i, op.id, r, got.Code, got.Header().Get("Content-Type"), got.Body, why)
		}
	}
	var never []string
	for _, op := range d.operations {
		if of := statuses[op.id]; !of[http.StatusOK] && !of[http.StatusCreated] && !of[http.StatusAccepted] && !of[http.StatusNoContent] {
			never = append(never, fmt.Sprint(op.id, " ", slices.Sorted(maps.Keys(of))))
		}
	}
	t.Logf("never answered with 2xx: %s", strings.Join(never, ", "))
	least := len(d.operations) * 2 / 3
	if n <= short {
		least = len(d.operations) * 2 / 5 // a few requests for each may miss one that needs another's answer, and each new parameter makes them others
	}
	if well := len(d.operations) - len(never); well < least {
		t.Errorf("only %d of %d operations were ever answered with 2xx: the requests are not good enough", well, len(d.operations))
	}
}

// send returns the answer to a request; nil when no client could send it, or when it was
// still waited for at the end of its time.
func (s Service) send(t *testing.T, r request, limit time.Duration) *httptest.ResponseRecorder {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, r.method, "http://service"+r.target, strings.NewReader(r.body))
	if err != nil {
		return nil
	}
	req.Header = r.header.Clone()
	switch r.token {
	case tokenGood:
		req.Header.Set("Authorization", "Bearer "+s.Token())
	case tokenBad:
		req.Header.Set("Authorization", "Bearer x")
	}
	w := httptest.NewRecorder()
	s.Handler.ServeHTTP(w, req)
	if ctx.Err() != nil && (!w.Flushed || w.Body.Len() == 0) {
		return nil
	}
	return w
}

// document is an OpenAPI document.
type document struct {
	root       map[string]any
	compiler   *jsonschema.Compiler
	schemas    map[string]*jsonschema.Schema
	operations []operation
}

// address of the document, for references within it.
const address = "http://service/openapi.json"

func read(t *testing.T, handler http.Handler) *document {
	t.Helper()
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/openapi.json", nil))
	root, err := jsonschema.UnmarshalJSON(bytes.NewReader(w.Body.Bytes()))
	if err != nil {
		t.Fatalf("/openapi.json answers with %d: %v", w.Code, err)
	}
	d := &document{root: root.(map[string]any), compiler: jsonschema.NewCompiler(), schemas: map[string]*jsonschema.Schema{}}
	d.compiler.AssertFormat()
	if err := d.compiler.AddResource(address, root); err != nil {
		t.Fatal(err)
	}
	d.list()
	if len(d.operations) == 0 {
		t.Fatal("the document has no operations")
	}
	return d
}

// checkWords holds each operation to have an id, a summary and a tag that is described.
func (d *document) checkWords(t *testing.T) {
	t.Helper()
	described := map[string]bool{}
	tags, _ := d.root["tags"].([]any)
	for _, one := range tags {
		tag, _ := one.(map[string]any)
		name, _ := tag["name"].(string)
		words, _ := tag["description"].(string)
		described[name] = words != ""
	}
	for _, op := range d.operations {
		tags, _ := op.spec["tags"].([]any)
		for _, tag := range tags {
			if name, _ := tag.(string); !described[name] {
				t.Errorf("the tag %q of %s has no description", name, op.id)
			}
		}
		if op.id == "" || len(tags) == 0 || op.spec["summary"] == nil {
			t.Errorf("%s %s has no id, no tag or no summary", op.method, op.path)
		}
		if summary, _ := op.spec["summary"].(string); strings.HasPrefix(summary, "List ") && !d.hasItems(op) {
			t.Errorf("%s lists something, and its answer has no items", op.id)
		}
	}
}

// hasItems reports whether an operation answers with a list, in the form that all lists have.
func (d *document) hasItems(op operation) bool {
	at := any(op.spec)
	for _, name := range []string{"responses", "200", "content", "application/json", "schema", "properties", "items", "type"} {
		at, _ = d.follow(at, "")
		fields, _ := at.(map[string]any)
		at = fields[name]
	}
	return at == "array"
}

// timeOf is how long an operation may take.
func (d *document) timeOf(op operation) time.Duration {
	responses, _ := op.spec["responses"].(map[string]any)
	usual, _ := responses["200"].(map[string]any)
	content, _ := usual["content"].(map[string]any)
	if content["text/event-stream"] != nil {
		return streamTime
	}
	return answerTime
}

// undeclared says what of an answer the document does not declare, or "".
func (d *document) undeclared(op operation, got *httptest.ResponseRecorder) string {
	status := strconv.Itoa(got.Code)
	responses, _ := op.spec["responses"].(map[string]any)
	response, declared := responses[status]
	if !declared {
		return "the document does not declare this status"
	}
	at := op.pointer + "/responses/" + status
	response, at = d.follow(response, at)
	content, _ := response.(map[string]any)["content"].(map[string]any)
	if len(content) == 0 {
		if got.Body.Len() > 0 {
			return "the document declares no body"
		}
		return ""
	}
	media, _, err := mime.ParseMediaType(got.Header().Get("Content-Type"))
	if err != nil {
		return "it has no media type: " + err.Error()
	}
	form, declared := content[media].(map[string]any)
	if !declared {
		return "the document does not declare this media type"
	}
	if form["schema"] == nil || media != "application/json" && !strings.HasSuffix(media, "+json") {
		return ""
	}
	return d.invalid(at+"/content/"+escape(media)+"/schema", got.Body.Bytes())
}

// invalid says how a body is not of the schema at a place of the document, or "".
func (d *document) invalid(at string, body []byte) string {
	if d.schemas[at] == nil {
		schema, err := d.compiler.Compile(address + "#" + at)
		if err != nil {
			return fmt.Sprintf("its schema: %v", err)
		}
		d.schemas[at] = schema
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
	if err != nil {
		return "its body is not JSON: " + err.Error()
	}
	if err := d.schemas[at].Validate(value); err != nil {
		return err.Error()
	}
	return ""
}

// follow follows the reference that a part of the document may be. It returns the part and its
// place.
func (d *document) follow(part any, at string) (any, string) {
	for {
		fields, _ := part.(map[string]any)
		ref, is := fields["$ref"].(string)
		if !is {
			return part, at
		}
		at = strings.TrimPrefix(ref, "#")
		part = d.root
		for name := range strings.SplitSeq(strings.TrimPrefix(at, "/"), "/") {
			inner, _ := part.(map[string]any)
			part = inner[strings.NewReplacer("~1", "/", "~0", "~").Replace(name)]
		}
	}
}

// escape is a name within a JSON pointer within an address.
func escape(name string) string {
	return strings.NewReplacer("~", "~0", "/", "~1", "{", "%7B", "}", "%7D").Replace(name)
}

// text is a value as JSON.
func text(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return "null"
	}
	return string(b)
}
