package webhook

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"foliocast/frontend/egress"
	"foliocast/frontend/store"
)

// receiveEvent is the receiver of docs/webhooks.md.
func receiveEvent(secret string, handle func(id string, body []byte)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20))
		hook, bad := standardwebhooks.NewWebhook(secret)
		if err != nil || bad != nil || hook.Verify(body, r.Header) != nil {
			http.Error(w, "the signature does not fit", http.StatusUnauthorized)
			return
		}
		handle(r.Header.Get("webhook-id"), body)
	}
}

// block is the code of a language in docs/webhooks.md.
func block(t *testing.T, language string) string {
	t.Helper()
	page, err := os.ReadFile("../../docs/webhooks.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(page), "```"+language+"\n")
	code, _, found := strings.Cut(rest, "```")
	if !found {
		t.Fatalf("docs/webhooks.md has no %s", language)
	}
	return code
}

// The receiver in Go of the page is that above, and takes what is sent.
func TestReceiverInGo(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile("doc_test.go")
	if err != nil {
		t.Fatal(err)
	}
	if code := block(t, "go"); !strings.Contains(string(source), code) {
		t.Errorf("docs/webhooks.md has another receiver:\n%s", code)
	}
	to := target("")
	seen := ""
	server := httptest.NewServer(receiveEvent(to.Secret, func(id string, body []byte) { seen = id + string(body) }))
	t.Cleanup(server.Close)
	to.URL = server.URL
	s := NewSender(egress.Policy{HTTP: true, Networks: loopback}, nil)
	if a := s.Send(t.Context(), to, "evt_1", "{}"); a.Error != "" || seen != "evt_1{}" {
		t.Errorf("got %+v, the receiver saw %q", a, seen)
	}
	if a := s.Send(t.Context(), store.Target{URL: to.URL, Secret: NewSecret()}, "evt_2", "{}"); a.Status != http.StatusUnauthorized {
		t.Errorf("another secret: got %+v", a)
	}
}

// The receiver in Python of the page takes messages of either secret, and nothing else.
func TestReceiverInPython(t *testing.T) {
	t.Parallel()
	code := block(t, "python")
	now := time.Now()
	old := NewSecret()
	to := store.Target{Secret: NewSecret(), Old: &old}
	const body = `{"type":"job.done","data":{"owner":"日本"}}`
	signature, err := sign(to, "evt_1", body, now)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		secret, body string
		at           time.Time
		want         bool
	}{
		{to.Secret, body, now, true}, {old, body, now, true}, {NewSecret(), body, now, false}, {to.Secret, body + " ", now, false},
		{to.Secret, body, now.Add(-time.Second), false}, {to.Secret, body, now.Add(-time.Hour), false},
	} {
		script := fmt.Sprintf("%s\nprint(verify(%q, {'webhook-id': 'evt_1', 'webhook-timestamp': '%d', 'webhook-signature': %q}, %s.encode()))",
			code, c.secret, c.at.Unix(), signature, "'''"+c.body+"'''")
		out, err := exec.CommandContext(t.Context(), "/usr/bin/python3", "-c", script).CombinedOutput()
		if got := strings.TrimSpace(string(out)); err != nil || got != map[bool]string{true: "True", false: "False"}[c.want] {
			t.Errorf("%+v: got %q, %v", c, got, err)
		}
	}
}
