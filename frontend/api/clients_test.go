package api

import (
	"net/http"
	"testing"

	"foliocast/clients"
	"foliocast/internal/serve/servetest"
)

// Everybody gets the clients, without a token, and again only when they have changed.
func TestTheClientsAreHandedOut(t *testing.T) {
	t.Parallel()
	s := newService(t)
	for path, c := range map[string]struct {
		text  []byte
		media string
	}{
		"/clients/foliocast.py": {clients.Python, "text/x-python; charset=utf-8"},
		"/clients/foliocast.R":  {clients.R, "text/plain; charset=utf-8"},
	} {
		got, text := servetest.Send(t, "GET", s.url+path, nil)
		tag := got.Header.Get("ETag")
		if got.StatusCode != http.StatusOK || text != string(c.text) || got.Header.Get("Content-Type") != c.media || tag == "" {
			t.Errorf("%s: got %d, %v with %d bytes", path, got.StatusCode, got.Header, len(text))
		}
		if again, _ := servetest.Send(t, "GET", s.url+path, nil, "If-None-Match", tag); again.StatusCode != http.StatusNotModified {
			t.Errorf("%s again: got %d", path, again.StatusCode)
		}
		if head, body := servetest.Send(t, "HEAD", s.url+path, nil); head.StatusCode != http.StatusOK || body != "" || head.ContentLength != int64(len(c.text)) {
			t.Errorf("HEAD %s: got %d with %d bytes", path, head.StatusCode, head.ContentLength)
		}
	}
}
