package outfile

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

func TestReplaceSetsTheMode(t *testing.T) {
	t.Parallel()
	for name, before := range map[string]fs.FileMode{"new": 0, "readable by all": 0o644, "read-only": 0o400} {
		path := filepath.Join(t.TempDir(), "file")
		if before != 0 {
			if err := os.WriteFile(path, []byte("old and longer"), before); err != nil {
				t.Fatal(err)
			}
		}
		if err := Replace(path, []byte("new"), 0o600); err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(path)
		if err != nil || string(text) != "new" {
			t.Errorf("%s: the file has %q, %v", name, text, err)
		}
		if info, err := os.Stat(path); err != nil || info.Mode() != 0o600 {
			t.Errorf("%s: got mode %v, %v, want 0600", name, info.Mode(), err)
		}
		if all, err := os.ReadDir(filepath.Dir(path)); err != nil || len(all) != 1 {
			t.Errorf("%s: the directory has %v, %v", name, all, err)
		}
	}
}

func TestReplaceNeedsTheDirectory(t *testing.T) {
	t.Parallel()
	if err := Replace(filepath.Join(t.TempDir(), "missing", "file"), nil, 0o600); err == nil {
		t.Error("got no error")
	}
}

func TestMakeDirMakesParents(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "a", "b", "c")
	for range 2 {
		if err := MakeDir(path, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if info, err := os.Stat(path); err != nil || !info.IsDir() || info.Mode().Perm() != 0o700 {
		t.Errorf("got %v, %v", info, err)
	}
	file := filepath.Join(path, "file")
	if err := Replace(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := MakeDir(filepath.Join(file, "below"), 0o700); err == nil {
		t.Error("a directory was made in a file")
	}
	if err := SyncDir(filepath.Join(path, "missing")); err == nil {
		t.Error("a missing directory was synced")
	}
}
