package dist

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// buildPackage packs the programs in bin, and returns the package's path.
func buildPackage(t *testing.T) string {
	t.Helper()
	cmd := exec.Command("make", "-C", root(t), "-o", "build", "deb", "VERSION="+version(t))
	cmd.Env = append(os.Environ(), "MAKEFLAGS=")
	output(t, cmd)
	return filepath.Join(root(t), "bin", "foliocast_"+version(t)+"_"+runtime.GOARCH+".deb")
}

// The package has what is installed, and settings that an upgrade leaves alone. make deb-test installs it, and make reproducible packs it twice.
func TestDebianPackage(t *testing.T) {
	t.Parallel()
	path := buildPackage(t)
	for field, want := range map[string]string{
		"Package":      "foliocast",
		"Version":      version(t),
		"Architecture": runtime.GOARCH, // Debian's names are Go's on the machines that Open MPI knows
		"Depends":      "libc6 (>= 2.36), libopenmpi3 (>= 4.1.4), openmpi-bin, systemd",
	} {
		if got := strings.TrimSpace(run(t, "dpkg-deb", "--field", path, field)); got != want {
			t.Errorf("%s: got %q, want %q", field, got, want)
		}
	}
	control := t.TempDir()
	run(t, "dpkg-deb", "--control", path, control)
	settings, err := os.ReadFile(filepath.Join(control, "conffiles"))
	if want := "/etc/foliocast/authsvc.env\n/etc/foliocast/frontend.env\n/etc/foliocast/queue.env\n/etc/foliocast/worker.env\n"; err != nil || string(settings) != want {
		t.Errorf("settings: got %q, %v, want %q", settings, err, want)
	}
	system := t.TempDir()
	run(t, "dpkg-deb", "--extract", path, system)
	got := files(t, system)
	for _, want := range strings.Fields(`
		/usr/bin/foliocast /usr/lib/foliocast/bin/authsvc /usr/lib/foliocast/bin/foliocast /usr/lib/foliocast/bin/frontend
		/usr/lib/foliocast/bin/mpicalc /usr/lib/foliocast/bin/queue /usr/lib/foliocast/share/man/man1/mpicalc.1.gz /usr/share/man/man1/foliocast.1.gz
		/usr/lib/systemd/system/foliocast-worker.service /usr/lib/sysusers.d/foliocast.conf /usr/lib/tmpfiles.d/foliocast.conf
		/usr/share/zsh/vendor-completions/_foliocast /usr/share/foliocast/database.sql
		/usr/share/doc/foliocast/copyright /usr/share/doc/foliocast/docs/install.md`) {
		if !slices.Contains(got, want) {
			t.Errorf("the package lacks %s", want)
		}
	}
	// A link that leads nowhere is read as an error.
	if text := run(t, filepath.Join(system, "usr/bin/foliocast"), "--version"); text != "foliocast version "+version(t)+"\n" {
		t.Errorf("got %q", text)
	}
	unit, err := os.ReadFile(filepath.Join(system, "usr/lib/systemd/system/foliocast-worker.service"))
	if err != nil || !bytes.Contains(unit, []byte("\nExecStart=/usr/bin/mpirun $MPIRUN_FLAGS /usr/lib/foliocast/bin/mpicalc serve ")) {
		t.Errorf("the world's unit: %v\n%s", err, unit)
	}
	if os.Getenv("FOLIOCAST_REPRODUCE") == "" {
		return
	}
	first, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	buildPackage(t)
	if second, err := os.ReadFile(path); err != nil || !bytes.Equal(first, second) {
		t.Errorf("a second package has other bytes: %v, %d and %d", err, len(first), len(second))
	}
}
