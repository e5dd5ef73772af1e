package problem

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestCallSendsItsBodyAndHeader(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("Got", r.Method+" "+r.Header.Get("Content-Type")+" "+r.Header.Get("If-Match")+" "+string(body))
	}))
	defer server.Close()
	header := http.Header{"If-Match": {`"3"`}}
	for _, c := range []struct {
		body any
		want string
	}{
		{nil, `PUT  "3"`},
		{map[string]int{"a": 1}, `PUT application/json "3" {"a":1}`},
		{strings.NewReader("a,b"), `PUT  "3" a,b`},
	} {
		got, err := Call{Method: http.MethodPut, URL: server.URL, Header: header, Body: c.body}.Do(t.Context(), server.Client())
		if err != nil || got.Get("Got") != c.want {
			t.Errorf("the service received %q, %v, want %q", got.Get("Got"), err, c.want)
		}
	}
}

func TestAServiceWithItsOwnFormOfErrors(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, strings.Repeat("x", 1000), http.StatusBadRequest)
	}))
	defer server.Close()
	call := Call{Method: http.MethodGet, URL: server.URL}
	_, err := call.Do(t.Context(), server.Client())
	if want := "answered 400: " + strings.Repeat("x", 200); err == nil || err.Error() != want {
		t.Errorf("got %v, want the first 200 characters", err)
	}
	call.Failed = func(*http.Response) *Problem { return New(Conflict, "read in its own way") }
	if _, err = call.Do(t.Context(), server.Client()); !Is(err, Conflict) {
		t.Errorf("got %v, want what Failed made of it", err)
	}
}

func TestBecauseDoesNotChangeTheProblem(t *testing.T) {
	t.Parallel()
	p, cause := New(Internal, "try again"), errors.New("disk full")
	if q := p.Because(cause); !errors.Is(q, cause) || errors.Is(p, cause) {
		t.Errorf("the copy wraps its cause: %v, the problem itself: %v, want true and false", errors.Is(q, cause), errors.Is(p, cause))
	}
}

// Two services may use one status for different kinds; the type decides.
func TestTheTypeOfAProblemIsItsKind(t *testing.T) {
	t.Parallel()
	p := New(Stale, "changed")
	p.Status = http.StatusConflict
	if got := p.Kind(); got != Stale {
		t.Errorf("got %s, want %s", got, Stale)
	}
	p.Type = "about:blank"
	if got := p.Kind(); got != Conflict {
		t.Errorf("without a type of ours: got %s, want that of the status", got)
	}
}
