package api

import (
	"net/http"
	"testing"

	"foliocast/clients"
	"foliocast/internal/serve/servetest"
)

// Everybody gets the client, without a token, and again only when it has changed.
func TestTheClientIsHandedOut(t *testing.T) {
	t.Parallel()
	s := newService(t)
	got, text := servetest.Send(t, "GET", s.url+"/clients/foliocast.py", nil)
	tag := got.Header.Get("ETag")
	if got.StatusCode != http.StatusOK || text != string(clients.Python) || got.Header.Get("Content-Type") != "text/x-python; charset=utf-8" || tag == "" {
		t.Errorf("got %d, %v with %d bytes", got.StatusCode, got.Header, len(text))
	}
	if again, _ := servetest.Send(t, "GET", s.url+"/clients/foliocast.py", nil, "If-None-Match", tag); again.StatusCode != http.StatusNotModified {
		t.Errorf("again: got %d", again.StatusCode)
	}
	if head, body := servetest.Send(t, "HEAD", s.url+"/clients/foliocast.py", nil); head.StatusCode != http.StatusOK || body != "" || head.ContentLength != int64(len(clients.Python)) {
		t.Errorf("HEAD: got %d with %d bytes", head.StatusCode, head.ContentLength)
	}
}
