package cli

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestHealth(t *testing.T) {
	t.Parallel()
	ready := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/readyz" {
			w.WriteHeader(http.StatusNotFound)
		}
	})
	starting := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) })
	plain, secure, busy := httptest.NewServer(ready), httptest.NewTLSServer(ready), httptest.NewServer(starting)
	gone := httptest.NewServer(ready)
	gone.Close()
	for _, s := range []*httptest.Server{plain, secure, busy} {
		t.Cleanup(s.Close)
	}
	for _, c := range []struct{ name, url, fault string }{
		{"ready", plain.URL, ""},
		{"with TLS", secure.URL, ""},
		{"starting", busy.URL, "answers 503 Service Unavailable"},
		{"gone", gone.URL, "not ready: "},
		{"no URL", "::", ":: is not a URL"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			err := askHealth(t.Context(), &out, c.url)
			if c.fault == "" && (err != nil || out.String() != "ready\n") || c.fault != "" && (err == nil || !strings.Contains(err.Error(), c.fault)) {
				t.Errorf("got %q and the error %v, want %q", &out, err, c.fault)
			}
		})
	}
}

func TestOwnURL(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		address string
		secure  bool
		want    string
	}{
		{"127.0.0.1:7500", false, "http://127.0.0.1:7500"},
		{":7500", false, "http://127.0.0.1:7500"},
		{"0.0.0.0:7500", true, "https://127.0.0.1:7500"},
		{"[::]:7500", false, "http://127.0.0.1:7500"},
		{"10.0.0.7:80", false, "http://10.0.0.7:80"},
		{"[fd00::7]:80", false, "http://[fd00::7]:80"},
	} {
		if got, err := ownURL(c.address, c.secure); got != c.want || err != nil {
			t.Errorf("ownURL(%q, %v) is %q, %v, want %q", c.address, c.secure, got, err, c.want)
		}
	}
	if _, err := ownURL("fd:3", false); ExitCode(err) != Refused {
		t.Errorf("an inherited socket: %v, want a refusal", err)
	}
}
