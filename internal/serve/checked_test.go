package serve

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"foliocast/internal/problem"
)

// post is a body with values at several levels.
type post struct {
	Items []postItem         `json:"items" minItems:"1" maxItems:"1000"`
	Names map[string]string  `json:"names,omitzero"`
	Rates map[string]float64 `json:"rates,omitzero"`
	Mode  string             `json:"mode,omitzero" enum:"a,b"`
	Keep  json.RawMessage    `json:"keep,omitzero"`
}

type postItem struct {
	ID    string   `json:"id" minLength:"2" pattern:"^[a-z]+$"`
	Score *float64 `json:"score,omitzero" minimum:"0"`
	Tags  []string `json:"tags,omitzero" uniqueItems:"true" nullable:"false"`
	Keep  any      `json:"keep,omitzero"`
}

// postDoors are the addresses of two routes with the same body: one whose body the router checks itself, and one of Register.
func postDoors(t *testing.T) (router, checked string) {
	t.Helper()
	d := NewDoor(Config{Name: "test", Version: "0", Log: slog.New(slog.DiscardHandler)})
	type input struct{ Body post }
	handle := func(context.Context, *input) (*struct{}, error) { return nil, nil }
	huma.Register(d.API, huma.Operation{Method: http.MethodPost, Path: "/router", MaxBodyBytes: 64 << 20}, handle)
	Register(d.API, huma.Operation{Method: http.MethodPost, Path: "/checked", MaxBodyBytes: 64 << 20}, handle)
	server := httptest.NewServer(d.Router)
	t.Cleanup(server.Close)
	return server.URL + "/router", server.URL + "/checked"
}

// faultsAt sorts the faults by pointer: the router's order within an object is random.
func faultsAt(p problem.Problem) []string {
	var all []string
	for _, f := range p.Faults {
		all = append(all, f.Pointer+" "+f.Detail)
	}
	slices.Sort(all)
	return all
}

// The check finds what the router finds.
func TestCheckedBodiesHaveTheFaultsOfTheRouter(t *testing.T) {
	t.Parallel()
	router, checked := postDoors(t)
	value := rapid.SampledFrom([]string{`1`, `-1`, `null`, `"ab"`, `"A"`, `""`, `true`, `[]`, `{}`, `["x"]`, `[1,"x",null]`, `["x","x"]`, `{"a":1}`, `{"a":"b"}`,
		`{"id":"ab","score":1}`, `{"id":"a","score":-1,"tags":["x","x"]}`, `[ {"id":"ab"} , { "id" : null , "tags":null,"other":"[{" } ]`,
		`[{"id":"ab","keep":{"x":[1,2,{}]}},{}]`, `[{"id":"ab"},7,{"tags":{}}]`})
	rapid.Check(t, func(r *rapid.T) {
		var b strings.Builder
		for _, name := range []string{"items", "names", "rates", "mode", "keep", "else"} {
			if rapid.Bool().Draw(r, name+"?") {
				fmt.Fprintf(&b, `, %q : %s`, name, value.Draw(r, name))
			}
		}
		body := "{" + strings.TrimPrefix(b.String(), ",") + "}"
		want, got := send(t, router, "application/json", body), send(t, checked, "application/json", body)
		if want.Status != got.Status || cmp.Diff(faultsAt(want), faultsAt(got)) != "" {
			r.Fatalf("%s: got %d %s", body, got.Status, cmp.Diff(faultsAt(want), faultsAt(got)))
		}
	})
}

// Bodies that are wrong all over take bounded memory, and so do their answers.
//
// Not parallel: it compares the memory of the whole process.
func TestBodiesThatAreWrongAllOver(t *testing.T) {
	_, url := postDoors(t)
	const many = 1 << 20
	for name, c := range map[string]struct{ body, want string }{
		"items":            {`{"items":[` + strings.Repeat("1,", 900) + `1]}`, "and 801 more that are not listed"},
		"too many items":   {`{"items":[` + strings.Repeat("1,", 400_000) + `1]}`, "must have at most 1000 items"},
		"values":           {`{"items":[` + strings.Repeat("[],", many) + `1]}`, "has more than 500000 values"},
		"inner values":     {`{"items":[{"id":"ab","tags":[` + strings.Repeat("{},", many) + `1]}]}`, "has more than 500000 values"},
		"inner items":      {`{"items":[{"id":"ab","tags":[` + strings.Repeat("1,", 400_000) + `1]}]}`, "and 399,901 more that are not listed"},
		"fields":           {`{"items":[{"id":"ab"}]` + `,"a":1` + fields(300_000) + `}`, "has 300002 fields, and there are 5"},
		"values of a map":  {`{"items":[{"id":"ab"}],"names":{"x":1` + fields(400_000) + `}}`, "and 399,901 more that are not listed"},
		"right values":     {`{"items":[{"id":"ab"}],"rates":{"x":1` + fields(maxValues) + `}}`, "has more than 500000 values"},
		"a list for a map": {`{"items":[{"id":"ab"}],"names":[` + strings.Repeat("[],", many) + `1]}`, "must be an object"},
		"kept as it comes": {`{"items":[{"id":"ab"}],"keep":[` + strings.Repeat("[],", many) + `1]}`, ""},
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		resp, err := http.Post(url, "application/json", strings.NewReader(c.body))
		if err != nil {
			t.Fatal(err)
		}
		var answer bytes.Buffer
		_, err = answer.ReadFrom(resp.Body)
		resp.Body.Close()
		runtime.ReadMemStats(&after)
		if err != nil || !strings.Contains(answer.String(), c.want) || c.want == "" && resp.StatusCode != http.StatusNoContent {
			t.Errorf("%s: got %d %.300s, %v, want one that says %q", name, resp.StatusCode, &answer, err, c.want)
		}
		// The body is in memory up to four times, as its buffer grows.
		if n := after.TotalAlloc - before.TotalAlloc; n > uint64(8*len(c.body))+300<<20 {
			t.Errorf("%s: a body of %d bytes took %d bytes of memory", name, len(c.body), n)
		}
		if answer.Len() > 20_000 {
			t.Errorf("%s: the answer has %d bytes", name, answer.Len())
		}
	}
}

// fields are so many fields of an object, each after a comma.
func fields(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `,"f%d":1`, i)
	}
	return b.String()
}

// A misspelt filter must not select everything.
func TestUnknownQueryParametersAreRefused(t *testing.T) {
	t.Parallel()
	_, checked := postDoors(t)
	if status, _, text := fetch(t, http.MethodPost, checked+"?dry-run=true", "{}"); status != http.StatusUnprocessableEntity || !strings.Contains(text, "dry-run") {
		t.Errorf("got %d %s", status, text)
	}
}

// While as many large bodies are taken apart as may be, another one waits, and a small one does not.
func TestLargeBodiesTakeTurns(t *testing.T) {
	t.Parallel()
	d := NewDoor(Config{Name: "test", Version: "0", Log: slog.New(slog.DiscardHandler)})
	type input struct{ Body post }
	Register(d.API, huma.Operation{Method: http.MethodPost, Path: "/", MaxBodyBytes: 1 << 20}, func(context.Context, *input) (*struct{}, error) { return nil, nil })
	server := httptest.NewServer(d.Router)
	t.Cleanup(server.Close)
	turns := d.API.Adapter().(adapter).turns
	for range cap(turns) {
		turns <- struct{}{}
	}
	small := `{"items":[{"id":"ab"}]}`
	large := small + strings.Repeat(" ", smallBody)
	if p := send(t, server.URL, "application/json", small); p.Status != http.StatusNoContent {
		t.Errorf("a small body: got %d", p.Status)
	}
	answered := make(chan int, 1)
	go func() { answered <- send(t, server.URL, "application/json", large).Status }()
	select {
	case status := <-answered:
		t.Fatalf("a large body did not wait: got %d", status)
	case <-time.After(200 * time.Millisecond):
	}
	<-turns
	if status := <-answered; status != http.StatusNoContent {
		t.Errorf("a large body: got %d", status)
	}
}
