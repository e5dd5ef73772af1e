package main

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"foliocast/foliocast/up"
)

// stateWith is a state directory in which a supervisor runs at the ports.
func stateWith(t *testing.T, base string) string {
	t.Helper()
	dir := t.TempDir()
	text, err := json.Marshal(up.Run{Parts: []up.Part{
		{Name: "authsvc", URL: "http://127.0.0.1:" + base + "0"},
		{Name: "queue", URL: "http://127.0.0.1:" + base + "1"},
		{Name: "frontend", URL: "http://127.0.0.1:" + base + "2"},
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
	near, far := stateWith(t, "600"), stateWith(t, "700")
	for name, c := range map[string]struct {
		where where
		env   map[string]string
		want  addresses
	}{
		"nothing": {where{}, nil, defaultAddresses()},
		"flags": {where{url: "http://a:1/", authURL: "https://b", queueURL: "http://c:3"}, map[string]string{"FOLIOCAST_URL": "http://x"},
			addresses{"http://a:1", "https://b", "http://c:3"}},
		"environment": {where{}, map[string]string{"FOLIOCAST_AUTH_URL": "http://b"},
			addresses{"http://127.0.0.1:8080", "http://b", "http://127.0.0.1:7500"}},
		"state of a flag wins over the environment": {where{state: near}, map[string]string{"FOLIOCAST_URL": "http://x", "FOLIOCAST_STATE": far},
			addresses{"http://127.0.0.1:6002", "http://127.0.0.1:6000", "http://127.0.0.1:6001"}},
		"state of the environment steps back": {where{}, map[string]string{"FOLIOCAST_URL": "http://x", "FOLIOCAST_STATE": far},
			addresses{"http://x", "http://127.0.0.1:7000", "http://127.0.0.1:7001"}},
		"flag wins over state": {where{state: near, url: "http://x"}, nil,
			addresses{"http://x", "http://127.0.0.1:6000", "http://127.0.0.1:6001"}},
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
	for _, w := range []where{{url: "127.0.0.1:8080"}, {url: "ftp://x"}, {url: "http://"}, {url: "http://a b"}, {state: "/nonexistent"}} {
		_, err := w.resolve(func(string) string { return "" }, defaultAddresses())
		if _, ok := errors.AsType[*usageError](err); !ok {
			t.Errorf("%+v: got %v", w, err)
		}
	}
}
