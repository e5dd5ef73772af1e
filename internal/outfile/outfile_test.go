package outfile

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// put writes a whole file.
func put(t *testing.T, path, text string) {
	t.Helper()
	f, err := Create(path)
	if err != nil {
		t.Fatal(err)
	}
	_, err = io.WriteString(f, text)
	if err := f.End(err); err != nil {
		t.Fatal(err)
	}
}

// contains checks what a file has.
func contains(t *testing.T, path, want string) {
	t.Helper()
	if got, err := os.ReadFile(path); err != nil || string(got) != want {
		t.Errorf("%s has %q, %v, want %q", filepath.Base(path), got, err, want)
	}
}

// entries checks which files a directory has.
func entries(t *testing.T, dir string, want ...string) {
	t.Helper()
	all, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range all {
		got = append(got, e.Name())
	}
	if strings.Join(got, " ") != strings.Join(want, " ") {
		t.Errorf("the directory has %q, want %q", got, want)
	}
}

func TestAFileAppearsWholeOrNotAtAll(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path, long := filepath.Join(dir, "r.csv"), strings.Repeat("x", 1<<20)
	f, err := Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(f, long); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("half a file is there: %v", err)
	}
	if err := f.End(nil); err != nil {
		t.Fatal(err)
	}
	contains(t, path, long)
	if f, err = Create(path); err != nil {
		t.Fatal(err)
	}
	broken := errors.New("broken off")
	_, _ = io.WriteString(f, "half")
	if err := f.End(broken); err != broken {
		t.Errorf("got %v, want what broke off", err)
	}
	contains(t, path, long)
	entries(t, dir, "r.csv")
}

func TestModes(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	// The umask is that of the process: a file that is made otherwise shows it.
	other := filepath.Join(dir, "other")
	if f, err := os.Create(other); err != nil || f.Close() != nil {
		t.Fatal(err)
	}
	usual, err := os.Stat(other)
	if err != nil {
		t.Fatal(err)
	}
	for _, mode := range []os.FileMode{0o664, 0o640, 0o600, 0o777, 0} {
		path := filepath.Join(dir, "r.csv")
		want := mode
		if mode == 0 {
			want = usual.Mode().Perm()
		} else if err := errors.Join(os.WriteFile(path, nil, 0o600), os.Chmod(path, mode)); err != nil {
			t.Fatal(err)
		}
		put(t, path, "text")
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != want {
			t.Errorf("the mode is %o, %v, want %o", info.Mode().Perm(), err, want)
		}
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
	}
}

func TestASymbolicLinkStays(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	// far/links is elsewhere: .. of a link in it is far, and not the directory of near.
	for _, d := range []string{"far/links", "data"} {
		if err := os.MkdirAll(filepath.Join(dir, d), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for link, target := range map[string]string{
		"to-file": "data/old.csv", "to-link": "to-file", "absolute": filepath.Join(dir, "data", "old.csv"),
		"dangling": "data/new.csv", "near": "far/links", "far/links/up": "../up.csv",
	} {
		if err := os.Symlink(target, filepath.Join(dir, link)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "data/old.csv"), []byte("old"), 0o640); err != nil {
		t.Fatal(err)
	}
	for link, target := range map[string]string{
		"to-file": "data/old.csv", "to-link": "data/old.csv", "absolute": "data/old.csv", "dangling": "data/new.csv", "near/up": "far/up.csv",
	} {
		put(t, filepath.Join(dir, link), "by "+link)
		contains(t, filepath.Join(dir, target), "by "+link)
		if info, err := os.Lstat(filepath.Join(dir, link)); err != nil || info.Mode().Type() != os.ModeSymlink {
			t.Errorf("%s is no link any more: %v, %v", link, info, err)
		}
	}
	if info, err := os.Stat(filepath.Join(dir, "data/old.csv")); err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("the target's mode is %v, %v, want 640", info, err)
	}
	entries(t, filepath.Join(dir, "data"), "new.csv", "old.csv")
	loop := filepath.Join(dir, "loop")
	if err := os.Symlink("loop", loop); err != nil {
		t.Fatal(err)
	}
	if _, err := Create(loop); !errors.Is(err, syscall.ELOOP) {
		t.Errorf("a link to itself: got %v", err)
	}
}

// A killed program of the same process id left its temporary file.
func TestALeftoverTemporaryFileDoesNotBlock(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "r.csv")
	for range 2 {
		f, err := Create(path)
		if err != nil {
			t.Fatal(err)
		}
		if left := f.Temporary(); filepath.Dir(left) != filepath.Dir(path) {
			t.Errorf("the temporary file %s is not beside %s", left, path)
		}
	}
	put(t, path, "text")
	contains(t, path, "text")
}

func TestADeviceIsWrittenDirectly(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	pipe, full := filepath.Join(dir, "pipe"), filepath.Join(dir, "full")
	if err := errors.Join(syscall.Mkfifo(pipe, 0o600), os.Symlink("/dev/full", full)); err != nil {
		t.Fatal(err)
	}
	read := make(chan string)
	go func() {
		text, err := os.ReadFile(pipe)
		if err != nil {
			t.Error(err)
		}
		read <- string(text)
	}()
	put(t, pipe, "text")
	if got := <-read; got != "text" {
		t.Errorf("the pipe gave %q", got)
	}
	f, err := Create(full)
	if err != nil {
		t.Fatal(err)
	}
	if f.Temporary() != "" {
		t.Errorf("a device has the temporary file %s", f.Temporary())
	}
	_, err = io.WriteString(f, "text")
	err = f.End(err)
	if _, ok := errors.AsType[*WriteError](err); !ok || err.Error() != full+" cannot be written: no space left on device" {
		t.Errorf("a full device: got %v", err)
	}
	entries(t, dir, "full", "pipe")
}

func TestAFileThatCannotBeCreated(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for path, want := range map[string]string{
		filepath.Join(dir, "no/such/r.csv"): "no such file or directory",
		dir:                                 "is a directory",
		filepath.Join(dir, "r") + "/":       "no such file or directory",
	} {
		_, err := Create(path)
		if _, ok := errors.AsType[*CreateError](err); !ok || err.Error() != path+" cannot be created: "+want {
			t.Errorf("%s: got %v, want %s", path, err, want)
		}
	}
	entries(t, dir)
}
