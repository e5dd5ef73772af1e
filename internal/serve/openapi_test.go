package serve

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/go-cmp/cmp"
)

type documentedInput struct {
	ID    string `path:"id" pattern:"^[a-z]+$" patternDescription:"small letters" doc:"Its id"`
	Match string `header:"If-Match"`
	Body  struct {
		Name string `json:"name"`
	}
}

type documentedOutput struct {
	Status int
	Body   struct {
		Parent *documentedPart `json:"parent"`
	}
}

type documentedPart struct {
	Text string `json:"text"`
}

// documentOf fetches a description of an API with one operation that needs a right, and one that needs none.
func documentOf(t *testing.T, name string) map[string]any {
	t.Helper()
	d := NewDoor(Config{Name: "test", Version: "1"})
	Register(d.API, huma.Operation{Method: http.MethodPut, Path: "/v1/things/{id}", OperationID: "put", Summary: "Put it", Description: "All of it.", DefaultStatus: http.StatusCreated,
		Security: []map[string][]string{{"bearer": {"things:write"}}}, Metadata: map[string]any{Also: []int{http.StatusOK}}},
		func(context.Context, *documentedInput) (*documentedOutput, error) { return &documentedOutput{}, nil })
	Register(d.API, huma.Operation{Method: http.MethodGet, Path: "/v1/things", OperationID: "list", Summary: "List them"},
		func(context.Context, *struct{}) (*documentedOutput, error) { return &documentedOutput{}, nil })
	server := httptest.NewServer(d.Router)
	t.Cleanup(server.Close)
	resp, err := http.Get(server.URL + name)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("%d %v: %s", resp.StatusCode, err, text)
	}
	var all map[string]any
	if strings.HasSuffix(name, ".json") {
		if err := json.Unmarshal(text, &all); err != nil {
			t.Fatal(err)
		}
	} else if !strings.Contains(string(text), "openapi: 3.") {
		t.Fatalf("not YAML: %.200s", text)
	}
	if strings.Contains(string(text), "patternDescription") {
		t.Error("the document has a field that OpenAPI does not know")
	}
	return all
}

// at is what a document has at a path of names.
func at(of any, names ...string) any {
	for _, name := range names {
		inner, _ := of.(map[string]any)
		of = inner[name]
	}
	return of
}

func TestTheDocumentDeclaresEveryAnswer(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"/openapi.json", "/openapi-3.0.json"} {
		doc := documentOf(t, name)
		put, list := at(doc, "paths", "/v1/things/{id}", "put"), at(doc, "paths", "/v1/things", "get")
		for _, status := range []string{"200", "201", "400", "401", "403", "404", "409", "412", "413", "415", "422", "428", "429", "500", "503", "default"} {
			if at(put, "responses", status) == nil {
				t.Errorf("%s: the operation does not declare %s", name, status)
			}
		}
		for _, status := range []string{"401", "404", "409", "415", "428"} {
			if at(list, "responses", status) != nil {
				t.Errorf("%s: a public list declares %s", name, status)
			}
		}
		if ref := at(put, "responses", "428", "$ref"); ref != "#/components/responses/PreconditionRequired" {
			t.Errorf("%s: 428 is %v", name, ref)
		}
		if schema := at(doc, "components", "responses", "PreconditionRequired", "content", "application/problem+json", "schema", "$ref"); schema != "#/components/schemas/Problem" {
			t.Errorf("%s: a fault is %v", name, schema)
		}
		if at(doc, "components", "schemas", "Problem") == nil {
			t.Errorf("%s: there is no schema of faults", name)
		}
		if text := at(put, "description"); text != "All of it. Needs the scope things:write." {
			t.Errorf("%s: the description is %q", name, text)
		}
		if text := at(list, "description"); text != "Needs no token." {
			t.Errorf("%s: the description is %q", name, text)
		}
		parameters, _ := at(put, "parameters").([]any)
		if len(parameters) == 0 || at(parameters[0], "schema", "description") != "Its id: small letters" {
			t.Errorf("%s: the parameters are %v", name, parameters)
		}
	}
	documentOf(t, "/openapi.yaml")
	documentOf(t, "/openapi-3.0.yaml")
}

// Lists of types, null as a type, and words beside a reference came with OpenAPI 3.1.
func TestTheOldDocumentHasNoNewWords(t *testing.T) {
	t.Parallel()
	old := documentOf(t, "/openapi-3.0.json")
	if version, _ := at(old, "openapi").(string); !strings.HasPrefix(version, "3.0") {
		t.Errorf("the version is %q", version)
	}
	each(old, func(x object) {
		if _, list := x["type"].([]any); list || x["type"] == "null" {
			t.Errorf("a type is %v", x["type"])
		}
		if _, is := x["$ref"].(string); is && len(x) > 1 {
			t.Errorf("words beside a reference: %v", x)
		}
	})
}

// A value of several types, or null, is any of them in OpenAPI 3.0, each of which may be null: allOf would be all at once.
func TestValuesOfSeveralTypesInTheOldDocument(t *testing.T) {
	t.Parallel()
	x := object{"oneOf": []any{object{"type": "number"}, object{"type": "string"}, object{"type": "null"}}}
	downgrade(x)
	want := object{"anyOf": []any{object{"type": "number", "nullable": true}, object{"type": "string", "nullable": true}}}
	if d := cmp.Diff(want, x); d != "" {
		t.Error(d)
	}
}
