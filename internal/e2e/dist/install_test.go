package dist

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// units are the services of systemd, and the most that systemd-analyze says of how exposed each is, of 100. The world's ranks
// are children of mpirun, which looks at devices and processes, and share memory.
var units = map[string]string{"authsvc": "15", "queue": "15", "frontend": "15", "worker": "30"}

// install runs make with a target, for a folder that stands for the root of a system.
func install(t *testing.T, target, system string) {
	t.Helper()
	cmd := exec.Command("make", "-C", root(t), target, "DESTDIR="+system, "PREFIX=/usr")
	cmd.Env = append(os.Environ(), "MAKEFLAGS=")
	output(t, cmd)
}

// files are the names of all files under a folder.
func files(t *testing.T, folder string) (names []string) {
	t.Helper()
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			names = append(names, strings.TrimPrefix(path, folder))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func TestInstallAndUninstall(t *testing.T) {
	t.Parallel()
	system := t.TempDir()
	install(t, "install", system)
	installed := files(t, system)
	want := strings.Fields(strings.ReplaceAll(`
		/etc/foliocast/authsvc.env /etc/foliocast/frontend.env /etc/foliocast/queue.env /etc/foliocast/worker.env
		/usr/bin/authsvc /usr/bin/foliocast /usr/bin/frontend /usr/bin/mpicalc /usr/bin/queue
		/usr/lib/systemd/system/foliocast-authsvc.service /usr/lib/systemd/system/foliocast-frontend.service
		/usr/lib/systemd/system/foliocast-queue.service /usr/lib/systemd/system/foliocast-worker.service
		/usr/lib/sysusers.d/foliocast.conf /usr/lib/tmpfiles.d/foliocast.conf
		/usr/share/bash-completion/completions/foliocast /usr/share/bash-completion/completions/mpicalc
		/usr/share/fish/vendor_completions.d/foliocast.fish /usr/share/fish/vendor_completions.d/mpicalc.fish
		/usr/share/foliocast/database.sql /usr/share/foliocast/foliocast.R /usr/share/foliocast/foliocast.py
		/usr/share/foliocast/monitoring/foliocast-alerts.yml /usr/share/foliocast/monitoring/grafana.json
		/usr/share/foliocast/monitoring/prometheus.yml /usr/share/foliocast/modulefiles/foliocast/VERSION
		/usr/share/foliocast/slurm/batch.sbatch /usr/share/foliocast/slurm/pilot.sbatch
		/usr/share/man/man1/authsvc.1.gz /usr/share/man/man1/foliocast.1.gz /usr/share/man/man1/frontend.1.gz
		/usr/share/man/man1/mpicalc.1.gz /usr/share/man/man1/queue.1.gz
		/usr/share/zsh/site-functions/_foliocast /usr/share/zsh/site-functions/_mpicalc`, "VERSION", version(t)))
	others := slices.DeleteFunc(slices.Clone(installed), func(name string) bool { return strings.HasPrefix(name, "/usr/share/doc/foliocast/") })
	slices.Sort(others)
	slices.Sort(want)
	if diff := cmp.Diff(others, want); diff != "" {
		t.Errorf("installed (-got +want)\n%s", diff)
	}
	for _, page := range []string{"README.md", "CHANGELOG.md", "LICENSE", "docs/install.md"} {
		if !slices.Contains(installed, "/usr/share/doc/foliocast/"+page) {
			t.Errorf("%s is not installed", page)
		}
	}
	for _, name := range installed {
		if text, err := os.ReadFile(filepath.Join(system, name)); err != nil || !strings.HasPrefix(name, "/usr/bin") && strings.Contains(string(text), "@BINDIR@") {
			t.Errorf("%s: %v, or a place in it was not filled", name, err)
		}
	}
	if info, err := os.Stat(filepath.Join(system, "etc/foliocast/frontend.env")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("settings with secrets: %v, %v, want mode 0600", info.Mode(), err)
	}

	changed := filepath.Join(system, "etc/foliocast/queue.env")
	if err := os.WriteFile(changed, []byte("FOLIOCAST_LISTEN=0.0.0.0:7500\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	install(t, "install", system)
	if text, err := os.ReadFile(changed); err != nil || string(text) != "FOLIOCAST_LISTEN=0.0.0.0:7500\n" {
		t.Errorf("a second installation wrote over settings: %q, %v", text, err)
	}
	install(t, "uninstall", system)
	if diff := cmp.Diff(files(t, system), []string{"/etc/foliocast/queue.env"}); diff != "" {
		t.Errorf("left behind (-got +want)\n%s", diff)
	}
}

// The units are right for systemd, and confined.
func TestUnits(t *testing.T) {
	t.Parallel()
	system := t.TempDir()
	install(t, "install", system)
	for _, other := range []string{"/usr/lib/systemd/system/network-online.target", "/usr/lib/systemd/system/sysinit.target", "/usr/lib/systemd/system/basic.target",
		"/usr/lib/systemd/system/shutdown.target", "/usr/lib/systemd/system/multi-user.target", "/usr/lib/systemd/system/system.slice", "/usr/lib/systemd/system/-.mount"} {
		if err := os.WriteFile(filepath.Join(system, other), []byte("[Unit]\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	launcher := strings.TrimSpace(run(t, "sh", "-c", "command -v mpirun"))
	output(t, exec.Command("install", "-D", launcher, filepath.Join(system, launcher)))
	for name, bound := range units {
		unit := "foliocast-" + name + ".service"
		out, err := exec.CommandContext(t.Context(), "systemd-analyze", "verify", "--root="+system, "--man=no", unit).CombinedOutput()
		if err != nil || strings.Contains(string(out), "foliocast") {
			t.Errorf("%s: %v\n%s", unit, err, out)
		}
		out, err = exec.CommandContext(t.Context(), "systemd-analyze", "security", "--offline=yes", "--root="+system, "--threshold="+bound, "--no-pager", unit).CombinedOutput()
		if err != nil {
			t.Errorf("%s is more exposed than %s of 100: %v\n%s", unit, bound, err, out)
		}
	}
}

// Each environment file names every setting of its program, as the help does.
func TestEnvironmentFilesNameEverySetting(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"authsvc", "queue", "frontend"} {
		path := filepath.Join(root(t), "bin", name)
		help, file := run(t, path, "--help"), run(t, path, "settings")
		for _, word := range strings.Fields(help) {
			if strings.HasPrefix(word, "FOLIOCAST_") && strings.Contains(help, "\n  "+word+" ") && !strings.Contains(file, "\n#"+word+"=") {
				t.Errorf("%s settings lacks %s", name, word)
			}
		}
		if strings.Count(file, "\n#FOLIOCAST_") < 10 {
			t.Errorf("%s settings prints %q", name, file)
		}
	}
}
