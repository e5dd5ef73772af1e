package client_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"foliocast/internal/auth"
	"foliocast/internal/problem"
	"foliocast/queue/client"
	"foliocast/queue/message"
)

// answering returns a client of a service that gives every request one answer.
func answering(t *testing.T, status int, contentType, body string) *client.Client {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", contentType)
		w.WriteHeader(status)
		io.WriteString(w, body)
	}))
	t.Cleanup(server.Close)
	return client.New(server.URL+"/", nil, auth.Static("token"))
}

func TestAnswersOfTheService(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		status      int
		kind, body  string
		unreachable bool
		problem     problem.Kind
	}{
		"nonsense":          {200, "application/json", "<html>", true, ""},
		"half an answer":    {200, "application/json", `{"leases":[{"id":`, true, ""},
		"nothing":           {200, "application/json", "", true, ""},
		"a failure":         {500, "text/plain", "oops", false, problem.Internal},
		"a problem":         {503, "application/problem+json", `{"type":"urn:foliocast:problem:unavailable","status":503,"detail":"d"}`, false, problem.Unavailable},
		"a refused token":   {401, "text/plain", "", false, problem.Unauthorized},
		"an unknown status": {418, "text/plain", "", false, problem.Malformed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := answering(t, c.status, c.kind, c.body).Lease(t.Context(), "w", 1, 0)
			_, unreachable := errors.AsType[*problem.Unreachable](err)
			if unreachable != c.unreachable || c.problem != "" && !problem.Is(err, c.problem) {
				t.Errorf("got %T %v", err, err)
			}
		})
	}
}

func TestServiceIsUnreachable(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	listener.Close()
	_, err = client.New("http://"+address, nil, auth.Static("token")).Queues(t.Context())
	if u, ok := errors.AsType[*problem.Unreachable](err); !ok || u.URL != "http://"+address+"/v1/queues" {
		t.Errorf("got %v", err)
	}
}

func TestCallerGivesUp(t *testing.T) {
	t.Parallel()
	asked := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body) // without this the server does not see its caller go
		close(asked)
		<-r.Context().Done()
	}))
	t.Cleanup(server.Close)
	ctx, giveUp := context.WithCancel(t.Context())
	go func() { <-asked; giveUp() }()
	begin := time.Now()
	_, err := client.New(server.URL, nil, auth.Static("token")).Lease(ctx, "w", 1, time.Minute)
	if !errors.Is(err, context.Canceled) || time.Since(begin) > 30*time.Second {
		t.Errorf("got %v after %v", err, time.Since(begin))
	}
}

// TestRequests compares what each method sends with the API.
func TestRequests(t *testing.T) {
	t.Parallel()
	var got []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got = append(got, fmt.Sprintf("%s %s %s%s", r.Method, r.URL.RequestURI(), r.Header.Get("If-Match"), body))
		io.WriteString(w, "{}")
	}))
	t.Cleanup(server.Close)
	c, ctx := client.New(server.URL, nil, auth.Static("token")), t.Context()
	c.Enqueue(ctx, []message.New{{Key: "k", Payload: json.RawMessage(`1`)}})
	c.Status(ctx, message.Lookup{Keys: []string{"k"}})
	c.Message(ctx, message.ByKey("a b?"))
	c.Replace(ctx, "i", 3, message.Content{Payload: json.RawMessage(`1`)})
	c.Cancel(ctx, "i")
	c.Retry(ctx, "i")
	c.Lease(ctx, "w", 5, 30*time.Second, "q")
	c.Inherit(ctx, "l#2")
	c.Complete(ctx, []message.Completion{{Held: message.Held{ID: "i", Token: 2}, Result: json.RawMessage(`1`)}})
	c.Results(ctx, 7, 0, time.Second)
	c.PutPart(ctx, message.Part{Held: message.Held{ID: "i", Token: 2}, Index: 3, Body: []byte("any")})
	c.Part(ctx, 7, 1)
	c.AddQueue(ctx, message.NewQueue{Name: "q"}, true)
	c.RemoveQueue(ctx, "q", false)
	c.LimitQueue(ctx, "q", 0)
	weight, most := 3, 0
	c.ShareQueue(ctx, "q", message.QueueShare{Weight: &weight})
	c.ShareQueue(ctx, "q", message.QueueShare{MaxLeased: &most})
	c.Owners(ctx, "a b", 10)
	c.SetShare(ctx, "ann", message.Share{Weight: 2, MaxLeased: 7})
	c.Dead(ctx, 0, 10)
	c.Redrive(ctx, message.Selection{All: true})
	want := []string{
		`POST /v1/messages {"messages":[{"key":"k","payload":1}]}`,
		`POST /v1/messages/status {"keys":["k"]}`,
		`GET /v1/messages/key:a%20b%3F `,
		`PUT /v1/messages/i "3"{"payload":1}`,
		`DELETE /v1/messages/i `,
		`POST /v1/messages/i/retry `,
		`POST /v1/leases {"queues":["q"],"max":5,"wait":"30s","worker":"w"}`,
		`POST /v1/leases/inherit {"worker":"l#2"}`,
		`POST /v1/leases/complete {"items":[{"id":"i","token":2,"result":1}]}`,
		`GET /v1/results?after=7&wait=1s `,
		`PUT /v1/leases/i/parts/3?token=2 any`,
		`GET /v1/results/7/parts/1 `,
		`POST /v1/queues?dry_run=true {"name":"q"}`,
		`DELETE /v1/queues/q `,
		`PUT /v1/queues/q/limit {"max_length":0}`,
		`PATCH /v1/queues/q {"weight":3}`,
		`PATCH /v1/queues/q {"max_leased":0}`,
		`GET /v1/owners?after=a+b&limit=10 `,
		`PUT /v1/owners/ann {"weight":2,"max_leased":7}`,
		`GET /v1/dead?after=0&limit=10 `,
		`POST /v1/dead/redrive {"all":true}`,
	}
	if d := cmp.Diff(got, want); d != "" {
		t.Error(d)
	}
}
