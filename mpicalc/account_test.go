package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestAccount(t *testing.T) {
	t.Parallel()
	const whole = `{"client_id":"worker","client_secret":"s","scopes":["queue:lease"]}`
	dir := t.TempDir()
	for name, c := range map[string]struct {
		text string
		mode os.FileMode
		want string // of the error
	}{
		"whole":      {whole, 0o600, ""},
		"readable":   {whole, 0o640, "chmod 600"},
		"empty":      {"", 0o600, "does not hold an account"},
		"no account": {"user: x", 0o600, "does not hold an account"},
		"no secret":  {`{"client_id":"worker"}`, 0o600, "lacks"},
	} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(c.text), c.mode); err != nil {
			t.Fatal(err)
		}
		id, secret, err := (&Config{ClientFile: path}).account()
		switch {
		case c.want == "" && (err != nil || id != "worker" || secret != "s"):
			t.Errorf("%s: %q, %q, %v", name, id, secret, err)
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%s: %v, want an error with %q", name, err, c.want)
		}
	}
	if _, _, err := (&Config{ClientFile: dir}).account(); err == nil {
		t.Error("a directory is taken")
	}
	if id, secret, err := (&Config{ClientID: "a", ClientSecret: "b"}).account(); id != "a" || secret != "b" || err != nil {
		t.Errorf("%q, %q, %v", id, secret, err)
	}
}
