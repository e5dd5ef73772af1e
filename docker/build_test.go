//go:build engine

package docker

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Names of the images from which ours are built. They are made of this machine's
// distribution, because no registry can be reached.
const (
	debianImage = "docker.io/library/debian:base"
	goImage     = "docker.io/library/golang:base"
)

// buildah runs buildah with its state in home and its mounts in a namespace of its own, in which
// the caches of our Dockerfile are those of this machine's Go.
func buildah(t *testing.T, limit time.Duration, args ...string) string {
	t.Helper()
	script := `set -e
for cache in "modules:$(go env GOMODCACHE)" "build:$(go env GOCACHE)"; do
	here="$0/tmp/buildah-cache/foliocast-${cache%%:*}"
	mkdir -p "$here" "${cache#*:}"
	mount --bind "${cache#*:}" "$here"
done
exec buildah --root "$0/buildah" --runroot "$0/buildah-run" --storage-driver overlay "$@"`
	return execute(t, limit, "unshare", append([]string{"--mount", "--propagation", "private", "sh", "-c", script, home}, args...)...)
}

// bootstrap makes the base of the images from the packages of the distribution.
func bootstrap(t *testing.T) {
	t.Helper()
	suite, mirror := distribution(t)
	root := filepath.Join(home, "rootfs")
	execute(t, 20*time.Minute, "debootstrap", "--variant=minbase", "--include=ca-certificates", suite, root, mirror)
	// Official images leave the same out.
	slim := "path-exclude /usr/share/doc/*\npath-include /usr/share/doc/*/copyright\npath-exclude /usr/share/man/*\npath-exclude /usr/share/locale/*\npath-exclude /usr/share/info/*\n"
	if err := os.WriteFile(filepath.Join(root, "etc/dpkg/dpkg.cfg.d/docker"), []byte(slim), 0o644); err != nil {
		t.Fatal(err)
	}
	execute(t, time.Minute, "sh", "-c", `cd rootfs && rm -rf usr/share/man/* usr/share/locale/* usr/share/info/* var/lib/apt/lists/* var/cache/apt/* var/log/* &&
		find usr/share/doc ! -type d ! -name copyright -delete`)
	for _, sources := range []string{"etc/apt/sources.list", "etc/apt/sources.list.d"} { // with the same mirrors and updates
		execute(t, time.Minute, "sh", "-c", `[ ! -e "/$0" ] || { rm -rf "rootfs/$0" && cp -a "/$0" "rootfs/$0"; }`, sources)
	}
	tar := filepath.Join(home, "rootfs.tar")
	execute(t, 5*time.Minute, "tar", "-C", root, "-cf", tar, ".")
	execute(t, time.Minute, "rm", "-rf", root)
	base := strings.TrimSpace(buildah(t, time.Minute, "from", "scratch"))
	buildah(t, 5*time.Minute, "add", "-q", base, tar, "/")
	buildah(t, 5*time.Minute, "commit", "-q", base, debianImage)
	buildah(t, time.Minute, "config", "--env", "PATH=/usr/local/go/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "--env", "GOPATH=/go", "--env", "GOTOOLCHAIN=local", base)
	buildah(t, 5*time.Minute, "commit", "-q", "--rm", base, goImage)
	execute(t, time.Minute, "rm", tar)
}

// distribution returns the name of this machine's distribution and where its packages are.
func distribution(t *testing.T) (suite, mirror string) {
	t.Helper()
	release, err := os.ReadFile("/etc/os-release")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(release)) {
		if name, ok := strings.CutPrefix(strings.TrimSpace(line), "VERSION_CODENAME="); ok {
			suite = strings.Trim(name, `"`)
		}
	}
	for line := range strings.Lines(execute(t, time.Minute, "apt-get", "indextargets", "--format", "$(RELEASE) $(COMPONENT) $(SITE)", "Identifier: Packages")) {
		if f := strings.Fields(line); len(f) == 3 && f[0] == suite && f[1] == "main" {
			return suite, f[2]
		}
	}
	t.Fatalf("apt's sources name no mirror of %s: docker-test needs Debian", suite)
	return "", ""
}

// build builds a target of a Dockerfile with this machine's Go.
func build(t *testing.T, file, target, tag string, args ...string) {
	t.Helper()
	all := []string{"bud", "-q", "--isolation", "chroot", "--format", "docker", "--pull-never", "--layers",
		"-v", strings.TrimSpace(execute(t, time.Minute, "go", "env", "GOROOT")) + ":/usr/local/go:ro", "-v", "/etc/ssl/certs/ca-certificates.crt:/etc/ssl/certs/ca-certificates.crt:ro",
		"--build-arg", "GO_IMAGE=" + goImage, "--build-arg", "DEBIAN_IMAGE=" + debianImage, "-f", filepath.Join(top(t), file), "-t", tag}
	if target != "" {
		all = append(all, "--target", target)
	}
	for _, arg := range args {
		all = append(all, "--build-arg", arg)
	}
	began := time.Now()
	buildah(t, 40*time.Minute, append(all, top(t))...)
	t.Logf("%s was built in %.0f s", tag, time.Since(began).Seconds())
}

// load hands an image over to the daemon.
func load(t *testing.T, tag string) {
	t.Helper()
	archive := filepath.Join(home, "image.tar")
	buildah(t, 10*time.Minute, "push", "-q", tag, "docker-archive:"+archive+":"+tag+":latest")
	execute(t, 10*time.Minute, "docker", "load", "-q", "-i", archive)
	if err := os.Remove(archive); err != nil {
		t.Fatal(err)
	}
}

// top is the top folder of the source.
func top(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	return dir
}
