package serve

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"

	"foliocast/internal/problem"
	"foliocast/internal/serve/servetest"
)

// note has a field of each sort that may contain text.
type note struct {
	Title string            `json:"title,omitzero"`
	Tags  []string          `json:"tags,omitzero" nullable:"false"`
	Links map[string]string `json:"links,omitzero"`
	Part  *struct {
		Name string `json:"name"`
	} `json:"part,omitzero"`
	Kept json.RawMessage `json:"kept,omitzero"`
}

func TestTextThatNobodyKeepsIsRefused(t *testing.T) {
	t.Parallel()
	d := NewDoor(Config{Name: "test", Version: "0", Log: slog.New(slog.DiscardHandler)})
	type input struct {
		ID   string   `path:"id"`
		Find []string `query:"find"`
		Key  string   `header:"Idempotency-Key"`
		Body note
	}
	Register(d.API, huma.Operation{Method: http.MethodPost, Path: "/notes/{id}"}, func(context.Context, *input) (*struct{}, error) {
		return nil, nil
	})
	server := httptest.NewServer(d.Router)
	t.Cleanup(server.Close)
	for _, c := range []struct {
		name, path, key, body string
		status                int
		want                  []string
	}{
		{"nothing wrong", "/notes/a%C3%A9?find=b", "c", `{"title":"d","kept":"\u0000"}`, 204, nil},
		{"no UTF-8 in the path", "/notes/a%ff", "", `{}`, 404, []string{"id"}},
		{"NUL in the path", "/notes/a%00", "", `{}`, 404, []string{"id"}},
		{"in the query", "/notes/a?find=b,%ff", "", `{}`, 422, []string{"find/1"}},
		{"in a header", "/notes/a", "\xff", `{}`, 422, []string{"Idempotency-Key"}},
		{"in a string", "/notes/a", "", `{"title":"\u0000"}`, 422, []string{"/title"}},
		{"in a list", "/notes/a", "", `{"tags":["a","\u0000"]}`, 422, []string{"/tags/1"}},
		{"in a map", "/notes/a", "", `{"links":{"a":"\u0000"}}`, 422, []string{"/links/a"}},
		{"in a key of a map", "/notes/a", "", `{"links":{"\u0000":"a"}}`, 422, []string{"/links/\x00"}},
		{"behind a pointer", "/notes/a", "", `{"part":{"name":"\u0000"}}`, 422, []string{"/part/name"}},
		{"everywhere", "/notes/%ff?find=%00", "", `{"title":"\u0000"}`, 422, []string{"find/0", "/title", "id"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			resp, text := servetest.Send(t, http.MethodPost, server.URL+c.path, strings.NewReader(c.body), "Content-Type", "application/json", "Idempotency-Key", c.key)
			var p problem.Problem
			if c.status >= 400 {
				if err := json.Unmarshal([]byte(text), &p); err != nil {
					t.Fatalf("got %q", text)
				}
			}
			var got []string
			for _, f := range p.Faults {
				got = append(got, f.Pointer)
			}
			if resp.StatusCode != c.status || !slices.Equal(got, c.want) {
				t.Errorf("got %d with faults at %q, want %d at %q", resp.StatusCode, got, c.status, c.want)
			}
		})
	}
}
