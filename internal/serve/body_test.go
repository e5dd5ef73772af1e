package serve

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"foliocast/internal/problem"
)

func TestAnAnswerMayTakeLongerThanItsBodyMay(t *testing.T) {
	t.Parallel()
	d := NewDoor(Config{Name: "test", Version: "0", Log: slog.New(slog.DiscardHandler)})
	const bodyTime = 30 * time.Millisecond
	op := huma.Operation{Method: http.MethodPost, Path: "/wait", BodyReadTimeout: bodyTime}
	huma.Register(d.API, op, func(ctx context.Context, in *struct{ Body struct{} }) (*struct{ Body string }, error) {
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(5 * bodyTime):
			return &struct{ Body string }{"answer"}, nil
		}
	})
	server := httptest.NewServer(d.Router)
	t.Cleanup(server.Close)
	resp, err := http.Post(server.URL+"/wait", "application/json", strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Errorf("got %d: the deadline of the body broke off the answer", resp.StatusCode)
	}
}

func TestAnUnknownParameterIsRefused(t *testing.T) {
	t.Parallel()
	d := NewDoor(Config{Name: "test", Version: "0", Log: slog.New(slog.DiscardHandler)})
	type list struct {
		State string   `query:"state"`
		Tags  []string `query:"tag,explode"`
	}
	huma.Register(d.API, huma.Operation{Method: http.MethodGet, Path: "/list"}, func(context.Context, *list) (*struct{}, error) {
		return nil, nil
	})
	server := httptest.NewServer(d.Router)
	t.Cleanup(server.Close)
	for query, pointers := range map[string][]string{
		"?state=x&tag=a&tag=b":   nil,
		"?staet=x":               {"staet"},
		"?state=x&state=y":       {"state"},
		"?state=x&state=y&tag=a": {"state"},
	} {
		resp, err := http.Get(server.URL + "/list" + query)
		if err != nil {
			t.Fatal(err)
		}
		var p problem.Problem
		err = json.NewDecoder(resp.Body).Decode(&p)
		resp.Body.Close()
		want := http.StatusNoContent
		if pointers != nil {
			want = http.StatusUnprocessableEntity
		}
		if resp.StatusCode != want {
			t.Errorf("%s: got %d, want %d", query, resp.StatusCode, want)
		}
		if want >= 400 && (err != nil || len(p.Faults) != 1 || p.Faults[0].Pointer != pointers[0]) {
			t.Errorf("%s: got faults %v, %v, want one at %s", query, p.Faults, err, pointers[0])
		}
	}
	for _, query := range []string{"?%zz=1", "?state=x;tag=a"} { // Go's parser would leave out part of these
		resp, err := http.Get(server.URL + "/list" + query)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != http.StatusBadRequest {
			t.Errorf("%s: got %d, want 400", query, resp.StatusCode)
		}
	}
}
