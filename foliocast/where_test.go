package foliocast

import (
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"foliocast/foliocast/up"
	"foliocast/frontend/client"
)

// stateWith is a state directory in which a supervisor runs the services at
// these addresses.
func stateWith(t *testing.T, at addresses) string {
	t.Helper()
	dir := t.TempDir()
	text, err := json.Marshal(up.Run{Parts: []up.Part{
		{Name: "authsvc", URL: at.Auth},
		{Name: "queue", URL: at.Queue},
		{Name: "frontend", URL: at.Frontend},
	}})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "run.json"), text, 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestResolve(t *testing.T) {
	t.Parallel()
	nearAddresses := addresses{"http://127.0.0.1:6002", "http://127.0.0.1:6000", "http://127.0.0.1:6001", ""}
	near := stateWith(t, nearAddresses)
	far := stateWith(t, addresses{"http://127.0.0.1:7002", "http://127.0.0.1:7000", "http://127.0.0.1:7001", ""})
	for name, c := range map[string]struct {
		where where
		env   map[string]string
		want  addresses
	}{
		"nothing": {where{}, nil, defaultAddresses()},
		"flags": {where{url: "http://a:1/", authURL: "https://b", queueURL: "http://c:3"}, map[string]string{"FOLIOCAST_URL": "http://x"},
			addresses{"http://a:1", "https://b", "http://c:3", ""}},
		"environment": {where{}, map[string]string{"FOLIOCAST_AUTH_URL": "http://b"},
			addresses{"http://127.0.0.1:8080", "http://b", "http://127.0.0.1:7500", ""}},
		"state of a flag wins over the environment": {where{state: near}, map[string]string{"FOLIOCAST_URL": "http://x", "FOLIOCAST_STATE": far},
			nearAddresses},
		"state of the environment steps back": {where{}, map[string]string{"FOLIOCAST_URL": "http://x", "FOLIOCAST_STATE": far},
			addresses{"http://x", "http://127.0.0.1:7000", "http://127.0.0.1:7001", ""}},
		"flag wins over state": {where{state: near, url: "http://x"}, nil,
			addresses{"http://x", "http://127.0.0.1:6000", "http://127.0.0.1:6001", ""}},
	} {
		got, err := c.where.resolve(func(k string) string { return c.env[k] }, defaultAddresses())
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: -want +got:\n%s", name, diff)
		}
	}
}

func TestResolveFaults(t *testing.T) {
	t.Parallel()
	empty := t.TempDir()
	for _, w := range []where{{url: "127.0.0.1:8080"}, {url: "ftp://x"}, {url: "http://"}, {url: "http://a b"}, {state: empty}} {
		_, err := w.resolve(func(string) string { return "" }, defaultAddresses())
		if _, ok := errors.AsType[*usageError](err); !ok {
			t.Errorf("%+v: got %v", w, err)
		}
	}
}

// The state directory is found under both names of its flag, in any place; states
// of jobs are not a directory.
func TestEveryNameOfTheStateDirectory(t *testing.T) {
	t.Parallel()
	s := newScript(t, map[string]http.HandlerFunc{
		"GET /v1/jobs":     answer(http.StatusOK, client.Jobs{}),
		"GET /v1/datasets": answer(http.StatusOK, client.Datasets{}),
	})
	p := newPerson(t, s)
	p.signIn()
	dir := stateWith(t, addresses{s.url, s.url, s.url, ""})
	for _, name := range []string{"FOLIOCAST_URL", "FOLIOCAST_AUTH_URL", "FOLIOCAST_QUEUE_URL"} {
		p.env[name] = "http://127.0.0.1:1" // no service answers there
	}
	for _, args := range [][]string{
		{"dataset", "list", "--state", dir},
		{"dataset", "list", "--state-dir", dir},
		{"--state", dir, "dataset", "list"},
		{"job", "list", "--state", dir},
		{"job", "list", "--state-dir", dir},
		{"--state", dir, "job", "list", "--state", "done"},
		{"job", "list", "--state", "done", "--state", dir, "--state", "queued"},
	} {
		p.types("", args...).check(t, exitOK, "", "")
	}
	for _, flag := range []string{"--state", "--state-dir"} {
		p.types("", "dataset", "list", flag, "").check(t, exitUsage, "", flag+" must name a directory, but is empty")
	}
}
