package dist

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The same source gives the same bytes in another folder, for another user's language, time zone and file mode. With
// FOLIOCAST_REPRODUCE=all, as make reproducible sets it, all programs are compiled again; otherwise queue is linked again.
func TestTheSameBytes(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "a folder with a longer name")
	copySource(t, folder)
	args := []string{"-C", folder, "build", "VERSION=" + version(t), "PROGRAMS=queue", "CGO_PROGRAMS="}
	env := append(os.Environ(), "SOURCE_DATE_EPOCH="+strings.TrimSpace(run(t, "git", "-C", root(t), "log", "-1", "--format=%ct")),
		"TZ=Asia/Tokyo", "LC_ALL=C.UTF-8", "TMPDIR="+t.TempDir(), "MAKEFLAGS=")
	names := []string{"queue"}
	if os.Getenv("FOLIOCAST_REPRODUCE") == "all" {
		args, names = args[:4], programs
		env = append(env, "GOCACHE="+t.TempDir())
	}
	build := exec.Command("sh", append([]string{"-c", `umask 077; exec make "$@"`, "make"}, args...)...)
	build.Env = env
	output(t, build)
	for _, name := range names {
		here, err := os.ReadFile(filepath.Join(root(t), "bin", name))
		if err != nil {
			t.Fatal(err)
		}
		there, err := os.ReadFile(filepath.Join(folder, "bin", name))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(here, there) {
			t.Errorf("%s has other bytes when it is built in another folder: %d and %d", name, len(here), len(there))
		}
		if bytes.Contains(here, []byte(root(t)+"/")) {
			t.Errorf("%s contains the name of the folder in which it was built", name)
		}
	}
}

// copySource copies the files of the project, without those that git ignores and without its history.
func copySource(t *testing.T, to string) {
	t.Helper()
	for _, name := range strings.Split(strings.TrimSuffix(run(t, "git", "-C", root(t), "ls-files", "-z", "--cached", "--others", "--exclude-standard"), "\x00"), "\x00") {
		from := filepath.Join(root(t), name)
		info, err := os.Stat(from)
		if os.IsNotExist(err) {
			continue // removed, and not committed
		}
		if err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(from)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.MkdirAll(filepath.Dir(filepath.Join(to, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(to, name), text, info.Mode().Perm()); err != nil {
			t.Fatal(err)
		}
	}
}
