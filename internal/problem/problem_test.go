package problem

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestKindsAndStatusesAreOneToOne(t *testing.T) {
	t.Parallel()
	for _, row := range statuses {
		if got := KindOf(row.kind.Status()); got != row.kind {
			t.Errorf("%s has status %d, which is read back as %s", row.kind, row.status, got)
		}
	}
	if KindOf(418) != Malformed || KindOf(502) != Internal || Kind("new").Status() != 500 {
		t.Error("statuses and kinds outside the table must become the general ones")
	}
}

func TestAProblemIsReadAsItWasWritten(t *testing.T) {
	t.Parallel()
	want := New(Invalid, "the job has faults", Fault{Pointer: "/horizon", Detail: "must be 1 to 1000, is 0"})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", ContentType)
		w.WriteHeader(want.Status)
		_ = json.NewEncoder(w).Encode(want.Because(errors.New("secret cause")))
	}))
	defer server.Close()
	_, err := Call{Method: "GET", URL: server.URL}.Do(t.Context(), server.Client())
	got, ok := errors.AsType[*Problem](err)
	if !ok {
		t.Fatalf("got %v", err)
	}
	if d := cmp.Diff(want, got, cmpopts.IgnoreUnexported(Problem{})); d != "" {
		t.Error(d)
	}
	if got.Unwrap() != nil {
		t.Error("the cause crossed the wire")
	}
	if !Is(err, Invalid) || Is(err, Stale) {
		t.Error("the kind is lost")
	}
}

func TestCallAgainstNonsense(t *testing.T) {
	t.Parallel()
	answers := map[string]struct {
		write http.HandlerFunc
		want  string
	}{
		"an error that is no problem": {func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, "upstream is sad", http.StatusBadGateway)
		}, "answered 502: upstream is sad"},
		"a problem whose status lies": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", ContentType)
			w.WriteHeader(http.StatusTeapot)
			_, _ = io.WriteString(w, `{"status":200,"detail":"fine"}`)
		}, `answered 418: {"status":200,"detail":"fine"}`},
		"a success that is not JSON": {func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, "<html>")
		}, "read the answer"},
		"a success that is cut off": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			_, _ = io.WriteString(w, `{"a":`)
		}, "read the answer"},
	}
	for name, a := range answers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(a.write)
			defer server.Close()
			var into map[string]any
			_, err := Call{Method: "GET", URL: server.URL, Into: &into}.Do(t.Context(), server.Client())
			if err == nil || !strings.Contains(err.Error(), a.want) {
				t.Errorf("got %v, want %q in it", err, a.want)
			}
		})
	}
}

func TestUnreachableNamesTheAddress(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	_, err := Call{Method: "GET", URL: server.URL}.Do(t.Context(), http.DefaultClient)
	u, ok := errors.AsType[*Unreachable](err)
	if !ok || u.URL != server.URL {
		t.Errorf("got %v", err)
	}
}

func TestEscape(t *testing.T) {
	t.Parallel()
	// RFC 6901 section 3: ~ becomes ~0 and / becomes ~1.
	if got := Escape("a/b~c"); got != "a~1b~0c" {
		t.Error(got)
	}
}

func TestFaultsAreBounded(t *testing.T) {
	t.Parallel()
	for n, last := range map[int]string{MaxFaults: "wrong", MaxFaults + 1: "and 1 more that are not listed", 12_345: "and 12,245 more that are not listed"} {
		p := New(Invalid, "the request has faults", slices.Repeat([]Fault{{Detail: "wrong"}}, n)...)
		if got := len(p.Faults); got != min(n, MaxFaults+1) || p.Faults[got-1].Detail != last {
			t.Errorf("of %d faults %d are listed, and the last is %q", n, got, p.Faults[got-1].Detail)
		}
	}
}
