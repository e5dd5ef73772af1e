package serve

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/go-cmp/cmp"

	"foliocast/internal/problem"
)

// order is a body with a field of each sort.
type order struct {
	Steps   int                `json:"steps" minimum:"1" maximum:"9"`
	Names   []string           `json:"names,omitzero" minItems:"1" maxItems:"2" nullable:"false"`
	Weights map[string]float64 `json:"weights,omitzero"`
	Mode    string             `json:"mode,omitzero" enum:"a,b"`
	Word    string             `json:"word,omitzero" minLength:"2" maxLength:"3"`
	Wait    bool               `json:"wait,omitzero"`
	Times   int                `json:"times,omitzero" maximum:"2147483647"`
	Roles   []string           `json:"roles,omitzero" uniqueItems:"true" nullable:"false"`
}

func orderDoor(t *testing.T) string {
	t.Helper()
	d := NewDoor(Config{Name: "test", Version: "0", Log: slog.New(slog.DiscardHandler)})
	type input struct {
		Limit int `query:"limit"`
		Body  order
	}
	Register(d.API, huma.Operation{Method: http.MethodPost, Path: "/order"}, func(context.Context, *input) (*struct{}, error) {
		return nil, nil
	})
	server := httptest.NewServer(d.Router)
	t.Cleanup(server.Close)
	return server.URL + "/order"
}

func TestFaultsOfABodyAreInPlainWords(t *testing.T) {
	t.Parallel()
	url := orderDoor(t)
	for _, c := range []struct {
		body   string
		status int
		want   []problem.Fault
	}{
		{`{"steps":5,"names":["a"]}`, 204, nil},
		{`{"steps":5,"steps":6}`, 422, []problem.Fault{{Pointer: "/steps", Detail: "appears twice in its object"}}},
		{`{"steps":5,"weights":{"A/B":1,"\u0041/B":2}}`, 422, []problem.Fault{{Pointer: "/weights/A~1B", Detail: "appears twice in its object"}}},
		{`{"steps":5,"Steps":6}`, 422, []problem.Fault{{Pointer: "/Steps", Detail: "is not a known field"}}},
		{"{\"steps\":5,\"names\":[\"\xff\"]}", 422, []problem.Fault{{Pointer: "/names/0", Detail: "is not valid UTF-8"}}},
		{"{\"steps\":5,\"weights\":{\"\xff\":1}}", 422, []problem.Fault{{Pointer: "/weights/\uFFFD", Detail: "is not valid UTF-8"}}},
		{`{"steps":0}`, 422, []problem.Fault{{Pointer: "/steps", Detail: "must be at least 1"}}},
		{`{"steps":10}`, 422, []problem.Fault{{Pointer: "/steps", Detail: "must be at most 9"}}},
		{`{"steps":1.5}`, 422, []problem.Fault{{Pointer: "/steps", Detail: "must be a whole number"}}},
		{`{"steps":1,"names":"a"}`, 422, []problem.Fault{{Pointer: "/names", Detail: "must be a list"}}},
		{`{"steps":1,"names":[1]}`, 422, []problem.Fault{{Pointer: "/names/0", Detail: "must be a string"}}},
		{`{"steps":1,"names":[]}`, 422, []problem.Fault{{Pointer: "/names", Detail: "must have at least 1 item"}}},
		{`{"steps":1,"names":["a","b","c"]}`, 422, []problem.Fault{{Pointer: "/names", Detail: "must have at most 2 items"}}},
		{`{"steps":1,"weights":7}`, 422, []problem.Fault{{Pointer: "/weights", Detail: "must be an object"}}},
		{`{"steps":1,"mode":"c"}`, 422, []problem.Fault{{Pointer: "/mode", Detail: "must be one of a, b"}}},
		{`{"steps":1,"word":"c"}`, 422, []problem.Fault{{Pointer: "/word", Detail: "must have at least 2 characters"}}},
		{`{"steps":1,"wait":1}`, 422, []problem.Fault{{Pointer: "/wait", Detail: "must be true or false"}}},
		{`{"steps":1`, 400, []problem.Fault{{Detail: "ends in the middle of the JSON"}}},
		{`{"steps":NaN}`, 400, []problem.Fault{{Detail: "is not valid JSON: the character 'N' is out of place"}}},
		{`{"steps":1}'`, 400, []problem.Fault{{Detail: `is not valid JSON: the character '\'' is out of place`}}},
		{strings.Repeat("[", 20000), 400, []problem.Fault{{Detail: "is nested too deeply"}}},
		{"\uFEFF{\"steps\":5}", 204, nil},
		{`{"steps":1,"times":3000000000}`, 422, []problem.Fault{{Pointer: "/times", Detail: "must be at most 2147483647"}}},
		{`{"steps":1,"roles":["a","a"]}`, 422, []problem.Fault{{Pointer: "/roles", Detail: "must not have the same item twice"}}},
		{`[]`, 422, []problem.Fault{{Detail: "must be an object"}}},
	} {
		p := send(t, url, "application/json", c.body)
		if p.Status != c.status {
			t.Errorf("%s: got %d, want %d", c.body, p.Status, c.status)
		}
		if d := cmp.Diff(c.want, p.Faults); d != "" {
			t.Errorf("%s: %s", c.body, d)
		}
	}
	if p := send(t, url, "application/json", ""); p.Status != 400 || p.Detail != "the request has no body, and needs one" {
		t.Errorf("no body: got %+v", p)
	}
	if p := send(t, url+"?limit=x", "application/json", `{"steps":1}`); len(p.Faults) != 1 || p.Faults[0] != (problem.Fault{Pointer: "limit", Detail: "must be a whole number"}) {
		t.Errorf("a query: got %+v", p)
	}
	if p := send(t, url, "text/plain", `{"steps":1}`); p.Status != 415 || len(p.Faults) != 1 || p.Faults[0].Pointer != "Content-Type" {
		t.Errorf("another content type: got %+v", p)
	}
}

// send posts a body and returns the problem, or the status alone.
func send(t *testing.T, url, contentType, body string) problem.Problem {
	t.Helper()
	resp, err := http.Post(url, contentType, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	p := problem.Problem{Status: resp.StatusCode}
	if resp.StatusCode >= 400 {
		if err := json.NewDecoder(resp.Body).Decode(&p); err != nil {
			t.Fatal(err)
		}
	}
	return p
}

// A header that is too long is refused like everything else.
func TestHeadersThatAreTooLong(t *testing.T) {
	t.Parallel()
	url := orderDoor(t)
	for name, change := range map[string]func(*http.Request){
		"one header":   func(r *http.Request) { r.Header.Set("X-Long", strings.Repeat("a", maxHeader)) },
		"many headers": func(r *http.Request) { r.Header["X-Many"] = slices.Repeat([]string{"aaaaaaaaaa"}, maxHeader/16) },
		"the address":  func(r *http.Request) { r.URL.RawQuery = "limit=" + strings.Repeat("1", maxHeader) },
	} {
		req, err := http.NewRequestWithContext(t.Context(), "POST", url, strings.NewReader(`{"steps":1}`))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/json")
		change(req)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		var p problem.Problem
		err = json.NewDecoder(resp.Body).Decode(&p)
		resp.Body.Close()
		if resp.StatusCode != 431 || err != nil || p.Status != 431 || !strings.Contains(p.Detail, "may have 65536") {
			t.Errorf("%s: got %d %+v, %v", name, resp.StatusCode, p, err)
		}
	}
}

// A body that ends before its length is the caller's fault, and not a 500.
func TestABodyThatBreaksOff(t *testing.T) {
	t.Parallel()
	url := orderDoor(t)
	address := strings.TrimSuffix(strings.TrimPrefix(url, "http://"), "/order")
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprint(conn, "POST /order HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{\"steps\":1")
	if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	answer, err := io.ReadAll(conn)
	if err != nil || !bytes.HasPrefix(answer, []byte("HTTP/1.1 400 ")) || !bytes.Contains(answer, []byte("the body did not arrive whole")) {
		t.Errorf("got %s, %v", answer, err)
	}
	if bytes.Contains(answer, []byte("EOF")) {
		t.Errorf("Go's words are in %s", answer)
	}
}

// repeatedByTokens looks for repeated keys by the tokens of the standard library.
func repeatedByTokens(d *json.Decoder) (bool, error) {
	token, err := d.Token()
	if err != nil {
		return false, err
	}
	delim, nested := token.(json.Delim)
	if !nested {
		return false, nil
	}
	found, seen := false, map[any]bool{}
	for d.More() {
		if delim == '{' {
			key, err := d.Token()
			if err != nil {
				return false, err
			}
			found = found || seen[key]
			seen[key] = true
		}
		inside, err := repeatedByTokens(d)
		if err != nil {
			return false, err
		}
		found = found || inside
	}
	_, err = d.Token()
	return found, err
}

func FuzzFirstFault(f *testing.F) {
	for _, s := range []string{`{}`, `[]`, `"a"`, `7`, `{"a":1,"a":2}`, `{"a":{"b":"\"","b":1}}`, `[{"a":[1,{"a":1}]},{"a":"a"}]`,
		`{"\u0061":1,"a":2}`, `{"a\\":1,"a":"\\"}`, `{"a":"b","b":","}`, `[["a","a"]]`, `{"a":[],"b":{},"a":0}`, ` { "x" : null , "x" : true } `, "[{\"a\":\"\xff\"}]", "{\"\xff\":1,\"\xfe\":1}"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var v any
		if json.Unmarshal(text, &v) != nil {
			return
		}
		want, err := repeatedByTokens(json.NewDecoder(bytes.NewReader(text)))
		if err != nil && !errors.Is(err, io.EOF) {
			t.Fatal(err)
		}
		pointer, reason := firstFault(text)
		if bad := want || !utf8.Valid(text); bad != (reason != "") {
			t.Errorf("%s: got %q at %q, want a fault %v", text, reason, pointer, bad)
		}
	})
}
