package api_test

import (
	"encoding/json"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"foliocast/internal/auth/authtest"
	"foliocast/internal/problem"
)

const someID = "01890a5d-ac96-774b-bcce-b302099a8057"

// badInput is a request and the answer to it.
type badInput struct {
	name, method, path, body string
	status                   int
	pointers                 []string // at fault; nil when the answer names none
}

func badInputs() []badInput {
	item := `{"id":"` + someID + `","token":1}`
	return []badInput{
		{"no JSON", "POST", "/v1/messages", `{"messages":[`, 400, []string{""}},
		{"no body", "POST", "/v1/messages", ``, 400, nil},
		{"no messages", "POST", "/v1/messages", `{"messages":[]}`, 422, []string{"/messages"}},
		{"null messages", "POST", "/v1/messages", `{"messages":null}`, 422, []string{"/messages"}},
		{"no key", "POST", "/v1/messages", `{"messages":[{"key":"","payload":1}]}`, 422, []string{"/messages/0/key"}},
		{"no payload", "POST", "/v1/messages", `{"messages":[{"key":"k"}]}`, 422, []string{"/messages/0/payload"}},
		{"priority", "POST", "/v1/messages", `{"messages":[{"key":"k","payload":1,"priority":101}]}`, 422, []string{"/messages/0/priority"}},
		{"NUL in a key", "POST", "/v1/messages", `{"messages":[{"key":"a\u0000b","payload":1}]}`, 422, []string{"/messages/0/key"}},
		{"no UTF-8", "POST", "/v1/messages", "{\"messages\":[{\"key\":\"k\",\"payload\":\"\xff\"}]}", 422, []string{"/messages/0/payload"}},
		{"unknown queue", "POST", "/v1/messages", `{"messages":[{"key":"j","payload":1},{"key":"k","payload":1,"queue":"x"},{"key":"l","payload":1,"queue":"y"}]}`, 422, []string{"/messages/1/queue", "/messages/2/queue"}},
		{"unknown field", "POST", "/v1/messages", `{"messages":[{"key":"k","payload":1,"prio":1}]}`, 422, []string{"/messages/0/prio"}},
		{"too many", "POST", "/v1/messages", `{"messages":[` + strings.Repeat(`{"key":"k","payload":1},`, 1000) + `{"key":"k","payload":1}]}`, 422, []string{"/messages"}},
		{"bad id", "GET", "/v1/messages/7", ``, 404, nil},
		{"unknown id", "GET", "/v1/messages/" + someID, ``, 404, nil},
		{"unknown key", "GET", "/v1/messages/key:none", ``, 404, nil},
		{"NUL in the path", "GET", "/v1/messages/key:a%00", ``, 404, []string{"id"}},
		{"no UTF-8 in the path", "GET", "/v1/messages/key:%ff", ``, 404, []string{"id"}},
		{"no UTF-8 in a path to change", "DELETE", "/v1/messages/key:%ff", ``, 404, []string{"id"}},
		{"NUL in a queue's name", "POST", "/v1/messages", `{"messages":[{"key":"k","payload":1,"queue":"\u0000"}]}`, 422, []string{"/messages/0/queue"}},
		{"NUL in a key to look up", "POST", "/v1/messages/status", `{"keys":["k","\u0000"]}`, 422, []string{"/keys/1"}},
		{"NUL in a queue to lease from", "POST", "/v1/leases", `{"worker":"w","queues":["\u0000"]}`, 422, []string{"/queues/0"}},
		{"NUL in a reason", "POST", "/v1/leases/complete", `{"items":[{"id":"` + someID + `","token":1,"error":"\u0000"}]}`, 422, []string{"/items/0/error"}},
		{"no If-Match", "PUT", "/v1/messages/key:known", `{"payload":1}`, 428, nil},
		{"bad ids", "POST", "/v1/messages/status", `{"ids":["x"]}`, 422, []string{"/ids/0"}},
		{"no worker", "POST", "/v1/leases", `{}`, 422, []string{"/worker"}},
		{"wait too long", "POST", "/v1/leases", `{"worker":"w","wait":"61s"}`, 422, []string{"/wait"}},
		{"wait without unit", "POST", "/v1/leases", `{"worker":"w","wait":"5"}`, 422, []string{"/wait"}},
		{"lease of an unknown queue", "POST", "/v1/leases", `{"worker":"w","queues":["default","x"]}`, 422, []string{"/queues/1"}},
		{"an heir without a lineage", "POST", "/v1/leases/inherit", `{"worker":"w"}`, 422, []string{"/worker"}},
		{"a part of no lease", "GET", "/v1/leases/" + someID + "/parts/0?token=1", ``, 409, nil},
		{"a part without a token", "GET", "/v1/leases/" + someID + "/parts/0", ``, 422, []string{"token"}},
		{"token 0", "POST", "/v1/leases/heartbeat", `{"items":[{"id":"` + someID + `","token":0}]}`, 422, []string{"/items/0/token"}},
		{"progress", "POST", "/v1/leases/heartbeat", `{"items":[{"id":"` + someID + `","token":1,"progress":1.5}]}`, 422, []string{"/items/0/progress"}},
		{"the same lease twice", "POST", "/v1/leases/release", `{"items":[` + item + `,` + item + `]}`, 422, []string{"/items/1/id"}},
		{"neither result nor error", "POST", "/v1/leases/complete", `{"items":[` + item + `]}`, 422, []string{"/items/0"}},
		{"result and error", "POST", "/v1/leases/complete", `{"items":[{"id":"` + someID + `","token":1,"result":1,"error":"e"}]}`, 422, []string{"/items/0"}},
		{"bad id of a lease", "POST", "/v1/leases/complete", `{"items":[{"id":"x","token":1,"result":1}]}`, 422, []string{"/items/0/id"}},
		{"feed of another database", "GET", "/v1/results?after=99", ``, 409, nil},
		{"redriven, without a reader", "GET", "/v1/results?redriven=true", ``, 422, []string{"redriven"}},
		{"bad cursor", "GET", "/v1/results?after=-1&limit=0&wait=x", ``, 422, []string{"after", "limit"}},
		{"bad id, token and index of a part", "PUT", "/v1/leases/x/parts/100000?token=0", `x`, 422, []string{"id", "index", "token"}},
		{"a part without a token", "PUT", "/v1/leases/" + someID + "/parts/0", `x`, 422, []string{"token"}},
		{"a part without a body", "PUT", "/v1/leases/" + someID + "/parts/0?token=1", ``, 400, nil},
		{"no such part", "GET", "/v1/results/1/parts/0", ``, 404, nil},
		{"queue name", "POST", "/v1/queues", `{"name":"No Name"}`, 422, []string{"/name"}},
		{"queue exists", "POST", "/v1/queues", `{"name":"default"}`, 409, nil},
		{"last queue", "DELETE", "/v1/queues/default", ``, 409, nil},
		{"unknown queue to remove", "DELETE", "/v1/queues/x", ``, 404, nil},
		{"unknown queue to pause", "POST", "/v1/queues/x/pause", ``, 404, nil},
		{"negative limit", "PUT", "/v1/queues/default/limit", `{"max_length":-1}`, 422, []string{"/max_length"}},
		{"share of nothing", "PATCH", "/v1/queues/default", `{"max_leased":-1,"weight":0}`, 422, []string{"/max_leased", "/weight"}},
		{"share of an unknown queue", "PATCH", "/v1/queues/x", `{"weight":2}`, 404, nil},
		{"a new queue of no weight", "POST", "/v1/queues", `{"name":"new","weight":1001}`, 422, []string{"/weight"}},
		{"nothing selected", "POST", "/v1/dead/redrive", `{}`, 422, []string{"/ids"}},
		{"both selected", "POST", "/v1/dead/purge", `{"ids":["` + someID + `"],"all":true}`, 422, []string{"/ids"}},
		{"filter and all", "POST", "/v1/dead/redrive", `{"filter":{"key_prefix":"a"},"all":true}`, 422, []string{"/ids"}},
		{"empty filter", "POST", "/v1/dead/purge", `{"filter":{"limit":5}}`, 422, []string{"/filter"}},
		{"a limit below 0", "POST", "/v1/dead/purge", `{"filter":{"key_prefix":"a","limit":-1}}`, 422, []string{"/filter/limit"}},
		{"no such route", "GET", "/v2/messages", ``, 404, nil},
		{"no such method", "PATCH", "/v1/messages", ``, 405, nil},
	}
}

func TestBadInputIsNamed(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.add("known")
	for _, c := range badInputs() {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			status, text := s.send(c.method, c.path, c.body)
			var p problem.Problem
			if err := json.Unmarshal([]byte(text), &p); err != nil || status != c.status || p.Status != c.status || p.Detail == "" {
				t.Fatalf("got %d %s, want %d", status, text, c.status)
			}
			var pointers []string
			for _, f := range p.Faults {
				pointers = append(pointers, f.Pointer)
			}
			if c.pointers != nil {
				if d := cmp.Diff(pointers, c.pointers); d != "" {
					t.Errorf("%s\n%s", d, text)
				}
			}
		})
	}
}

func TestBodyOverItsLimit(t *testing.T) {
	t.Parallel()
	s := start(t)
	for path, body := range map[string]string{
		"POST /v1/messages/status":                      `{"keys":["` + strings.Repeat("k", 1<<20) + `"]}`,
		"PUT /v1/leases/" + someID + "/parts/0?token=1": strings.Repeat("x", 16<<20+1),
	} {
		method, path, _ := strings.Cut(path, " ")
		if status, text := s.send(method, path, body); status != 413 {
			t.Errorf("%s: got %d %.200s", path, status, text)
		}
	}
}

// What the queue keeps as it comes is not taken apart: a payload took thirty times its size. And a body that is wrong all
// over has a short answer.
//
// Not parallel: it compares the memory of the whole process.
func TestBodiesTakeLittleMemory(t *testing.T) {
	s := start(t)
	nested := "[" + strings.Repeat("[],", 2<<20) + "1]"
	for name, c := range map[string]struct {
		body   string
		status int
	}{
		"a large payload":  {`{"messages":[{"key":"large","payload":` + nested + `}]}`, 200},
		"wrong messages":   {`{"messages":[` + strings.Repeat(`{"key":1,"a":1,"b":1},`, 999) + `{}]}`, 422},
		"a list of lists":  {`{"messages":` + nested + `}`, 422},
		"a list of a list": {`{"messages":[{"key":"k","payload":1,"priority":` + nested + `}]}`, 422},
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		status, text := s.send("POST", "/v1/messages", c.body)
		runtime.ReadMemStats(&after)
		if status != c.status || len(text) > 20_000 {
			t.Errorf("%s: got %d with %d bytes, %.300s, want %d", name, status, len(text), text, c.status)
		}
		if n := after.TotalAlloc - before.TotalAlloc; n > uint64(16*len(c.body))+64<<20 {
			t.Errorf("%s: a body of %d bytes took %d bytes of memory", name, len(c.body), n)
		}
	}
}

// FuzzBodies sends any text to every operation that takes a body: the answer is never
// an internal error.
func FuzzBodies(f *testing.F) {
	s := start(f)
	for _, seed := range []string{
		`{"messages":[{"key":"k","payload":{"a":"\u0000"}}]}`,
		`{"messages":[{"key":"\ud800","payload":1e999}]}`,
		`{"keys":["\u0000"],"ids":[null]}`,
		`{"worker":"w","max":1000,"queues":["\u0000"]}`,
		`{"worker":"w","max":1e3}`,
		`{"items":[{"id":"` + someID + `","token":9223372036854775807,"result":1,"parts":2147483648}]}`,
		`{"items":[{"id":"` + someID + `","token":1,"error":"\u0000"}]}`,
		`{"payload":null,"priority":-100}`,
		`{"name":"a","max_length":1000000000}`,
		`{"max_length":9999999999}`,
		`{"weight":1000,"max_leased":1000001}`,
		`{"ids":["` + someID + `"]}`,
		`[]`, `null`, `"`, ``, `{"messages":[null]}`, `{"items":[null]}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, body string) {
		for _, route := range []string{
			"POST /v1/messages", "POST /v1/messages/status", "PUT /v1/messages/key:k", "POST /v1/leases", "POST /v1/leases/heartbeat",
			"POST /v1/leases/complete", "POST /v1/leases/release", "PUT /v1/leases/" + someID + "/parts/0?token=1", "POST /v1/queues",
			"PUT /v1/queues/default/limit", "PATCH /v1/queues/default", "POST /v1/dead/redrive", "POST /v1/dead/purge",
		} {
			method, path, _ := strings.Cut(route, " ")
			if status, text := s.sendAs(t, method, path, body); status >= 500 {
				t.Errorf("%s: got %d %s", route, status, text)
			}
		}
	})
}

func FuzzOperations(f *testing.F) {
	s := start(f)
	s.add("known")
	authtest.FuzzOperations(f, s.door.Router, s.door.API, func(*testing.T) string { return s.token })
}
