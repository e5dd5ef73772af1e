package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"foliocast/internal/auth"
	"foliocast/internal/job"
	"foliocast/internal/problem"
)

// serve starts a server that answers as handler does.
func serve(t testing.TB, handler http.HandlerFunc) *Client {
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return New(server.URL+"/", nil, auth.Static("secret"))
}

func writeJSON(w http.ResponseWriter, v any) {
	w.Header().Set("ETag", `"1"`)
	_ = json.NewEncoder(w).Encode(v)
}

func TestUnreachable(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	_, err := New(server.URL, nil, auth.Static("secret")).Job(t.Context(), "x")
	if u, ok := errors.AsType[*problem.Unreachable](err); !ok || !strings.HasPrefix(u.URL, server.URL) {
		t.Errorf("got %v, want that %s is unreachable", err, server.URL)
	}
}

// Packing takes longer than sending on one machine, and less over a network.
func TestResultsArePackedForOtherMachines(t *testing.T) {
	t.Parallel()
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		writeJSON(w, job.Job{Owner: r.Header.Get("Accept-Encoding")})
	})
	if got, err := c.Job(t.Context(), "x"); err != nil || got.Owner != "" {
		t.Errorf("on this machine: got %q, %v", got.Owner, err)
	}
	for base, want := range map[string]bool{"http://localhost:1": true, "http://127.1.2.3": true, "http://[::1]:8080": true, "https://foliocast.example": false, "http://192.0.2.1": false, ":": false} {
		if got := onThisMachine(base); got != want {
			t.Errorf("%s: got %t", base, got)
		}
	}
}

func TestAnswersThatAreNotJSON(t *testing.T) {
	t.Parallel()
	c := serve(t, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<html>") })
	if _, err := c.CreateJob(t.Context(), job.Spec{}, "k"); err == nil {
		t.Error("a page was taken for a job")
	}
	for _, err := range c.Jobs(t.Context(), JobFilter{}) {
		if err == nil {
			t.Error("a page was taken for jobs")
		}
	}
}

// A wait goes on until the job has ended, in requests of at most a minute.
func TestWaitJobRepeatsItsRequest(t *testing.T) {
	t.Parallel()
	var asked []string
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.FormValue("wait"))
		state := job.Running
		if len(asked) == 3 {
			state = job.Done
		}
		writeJSON(w, job.Job{ID: "x", State: state})
	})
	got, err := c.WaitJob(t.Context(), "x", time.Hour)
	if err != nil || got.State != job.Done || got.ETag != `"1"` {
		t.Errorf("got %+v, %v", got, err)
	}
	if fmt.Sprint(asked) != "[1m0s 1m0s 1m0s]" {
		t.Errorf("asked for %v", asked)
	}
}

func TestWaitJobGivesUp(t *testing.T) {
	t.Parallel()
	c := serve(t, func(w http.ResponseWriter, _ *http.Request) { writeJSON(w, job.Job{ID: "x", State: job.Running}) })
	if got, err := c.WaitJob(t.Context(), "x", 0); err != nil || got.State != job.Running {
		t.Errorf("got %+v, %v", got, err)
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if _, err := c.WaitJob(ctx, "x", time.Minute); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestNamesAreEscaped(t *testing.T) {
	t.Parallel()
	var got string
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		got = r.URL.EscapedPath()
		writeJSON(w, Versions{})
	})
	if _, err := c.Versions(t.Context(), "../jobs?x", 0, 0); err != nil {
		t.Fatal(err)
	}
	if got != "/v1/datasets/..%2Fjobs%3Fx" {
		t.Errorf("asked for %s", got)
	}
}

func TestJobsFetchesEveryPage(t *testing.T) {
	t.Parallel()
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		pages := map[string]Jobs{
			"":  {Items: []job.Summary{{ID: "3"}, {ID: "2"}}, Next: "a"},
			"a": {Next: "b"}, // an empty page need not be the last
			"b": {Items: []job.Summary{{ID: "1"}}},
		}
		writeJSON(w, pages[r.FormValue("cursor")])
	})
	read := func(most int) (out string) {
		for j, err := range c.Jobs(t.Context(), JobFilter{}) {
			if err != nil {
				t.Fatal(err)
			}
			if out += string(j.ID); len(out) == most {
				break
			}
		}
		return out
	}
	if got := read(9) + " " + read(1); got != "321 3" {
		t.Errorf("got %s", got)
	}
}

func ExampleClient_CreateJob() {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var spec job.Spec
		if err := json.NewDecoder(r.Body).Decode(&spec); err != nil {
			return
		}
		w.WriteHeader(http.StatusCreated)
		writeJSON(w, job.Job{ID: "01890a5d-ac96-774b-bcce-b302099a8057", State: job.Queued, Spec: spec})
	}))
	defer server.Close()

	c := New(server.URL, nil, auth.Static("token"))
	j, err := c.CreateJob(context.Background(), job.Spec{Dataset: "prices", Assets: []string{"DAX", "FTSE"}, Horizon: 5}, "monday")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(j.State, j.Spec.Assets)
	// Output: queued [DAX FTSE]
}
