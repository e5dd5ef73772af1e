package foliocast

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
)

func TestVaultLosesNoChange(t *testing.T) {
	t.Parallel()
	v := vault{path: filepath.Join(t.TempDir(), "deep", "session.json")}
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() {
			err := v.change(func(s *sessions) error {
				s.Current = "http://a"
				s.ByAuth["http://"+strconv.Itoa(i)] = session{Username: "u"}
				return nil
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	s, err := v.read()
	if err != nil || len(s.ByAuth) != 20 || s.Current != "http://a" {
		t.Errorf("got %d sessions, %v", len(s.ByAuth), err)
	}
	info, err := os.Stat(v.path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(v.path), ".*")); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestVaultThatIsDamaged(t *testing.T) {
	t.Parallel()
	v := vault{path: filepath.Join(t.TempDir(), "session.json")}
	if err := os.WriteFile(v.path, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := v.read(); err == nil || !strings.Contains(err.Error(), "sign in again") {
		t.Errorf("got %v", err)
	}
	if err := os.WriteFile(v.path, []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	if s, err := v.read(); err != nil || s.ByAuth == nil {
		t.Errorf("got %v, %v", s, err)
	}
}

// A session file that others could read must not keep its mode.
func TestVaultIsReadableByItsOwnerOnly(t *testing.T) {
	t.Parallel()
	v := vault{path: filepath.Join(t.TempDir(), "session.json")}
	if err := os.WriteFile(v.path, []byte("{}"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := v.change(func(*sessions) error { return nil }); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(v.path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
}
