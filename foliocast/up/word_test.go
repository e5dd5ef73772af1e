package up

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// An earlier version left these files empty, or none, when the power failed soon after
// the first start.
func TestEmptiedFilesAreMadeAnew(t *testing.T) {
	t.Parallel()
	state := filepath.Join(t.TempDir(), "state")
	c, config := startStandIns(t, state)
	c.Stop()
	kept := []string{"postgres.password", "worker.json", "admin.json", "lineage", "lock"}
	for _, name := range kept {
		if err := os.Truncate(filepath.Join(state, name), 0); err != nil {
			t.Fatal(err)
		}
	}
	left := filepath.Join(state, ".worker.json12345")
	if err := os.WriteFile(left, []byte("a secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	var said []string
	config.Say = func(s string) { said = append(said, s) }
	c, err := Start(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	c.Stop()
	for _, name := range kept {
		if info, err := os.Stat(filepath.Join(state, name)); err != nil || info.Size() == 0 || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", name, info, err)
		}
	}
	if _, err := os.Stat(left); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a temporary file with a secret is still there: %v", err)
	}
	if admin, err := ReadAdmin(state); err != nil || admin.Password != "new" {
		t.Errorf("the administrator is %v, %v", admin, err)
	}
	for _, want := range []string{"postgres.password", "worker.json", "admin.json"} {
		if !strings.Contains(strings.Join(said, "\n"), want) {
			t.Errorf("nothing was said about %s: %q", want, said)
		}
	}
	if err := os.Remove(filepath.Join(state, "postgres.password")); err != nil {
		t.Fatal(err)
	}
	if c, err = Start(t.Context(), config); err != nil {
		t.Fatalf("without the password: %v", err)
	}
	c.Stop()
}
