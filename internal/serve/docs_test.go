package serve

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"

	"foliocast/internal/serve/servetest"
)

// The reference has every operation and type, and asks nobody for anything else.
func TestTheReference(t *testing.T) {
	t.Parallel()
	log := &servetest.Log{}
	d := NewDoor(Config{Name: "test", Version: "7", Log: log.Logger()})
	type input struct {
		Name string `path:"name" doc:"Whose"`
		Body struct {
			Colour string `json:"colour" enum:"red,green" doc:"A <script>alert(1)</script>"`
			Many   []int  `json:"many,omitzero" minItems:"2" doc:"Some"`
		}
	}
	Register(d.API, huma.Operation{Method: http.MethodPost, Path: "/things/{name}", OperationID: "make-thing", Summary: "Make a thing",
		Security: []map[string][]string{{"bearer": {"things:write"}}}}, func(context.Context, *input) (*struct{}, error) { return nil, nil })
	server := httptest.NewServer(d.Router)
	defer server.Close()
	get := func(path string) (http.Header, string) {
		resp, err := http.Get(server.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		text, err := io.ReadAll(resp.Body)
		if err != nil || resp.StatusCode != http.StatusOK {
			t.Fatalf("%s: %d, %v, %s", path, resp.StatusCode, err, log)
		}
		return resp.Header, string(text)
	}
	header, page := get("/docs")
	for _, want := range []string{"/things/{name}", "Make a thing", "things:write", "Whose", "one of red, green", "at least 2 items", "list of integer", "Version 7", `href="#schema-InputBody"`, `id="schema-InputBody"`} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q:\n%s", want, page)
		}
	}
	if found := regexp.MustCompile(`<script|\sstyle=|(?:src|<link[^>]*href)="https?:`).FindString(page); found != "" {
		t.Errorf("the page has %q", found)
	}
	if got := header.Get("Content-Security-Policy"); !strings.HasPrefix(got, "default-src 'none'") {
		t.Errorf("its policy is %q", got)
	}
	if header, sheet := get("/docs.css"); header.Get("Content-Type") != "text/css; charset=utf-8" || sheet == "" {
		t.Errorf("the sheet is %v", header)
	}
}
