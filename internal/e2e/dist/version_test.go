package dist

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// release is the newest release in the changelog.
func release(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root(t), "CHANGELOG.md"))
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(`(?m)^## (\d+\.\d+\.\d+)\b`).FindSubmatch(text)
	if found == nil {
		t.Fatal("CHANGELOG.md has no section of a release")
	}
	return string(found[1])
}

func TestAllProgramsSayOneVersion(t *testing.T) {
	t.Parallel()
	want := version(t)
	if !regexp.MustCompile(`^` + regexp.QuoteMeta(release(t)) + `(\+\d+\.g[0-9a-f]+(\.dirty)?)?$`).MatchString(want) {
		t.Errorf("bin/foliocast is version %q, which is neither the newest release in CHANGELOG.md nor later: run make build", want)
	}
	for _, name := range programs {
		path := filepath.Join(root(t), "bin", name)
		if got := run(t, path, "--version"); got != name+" version "+want+"\n" {
			t.Errorf("%s --version: got %q, want version %s", name, got, want)
		}
		if page, _, _ := strings.Cut(run(t, path, "man"), "\n"); !regexp.MustCompile(`^\.TH \S+ 1 "\d{4}-\d\d-\d\d" "` + name + " " + regexp.QuoteMeta(want) + `" `).MatchString(page) {
			t.Errorf("the manual page of %s begins %q", name, page)
		}
	}
	client, err := os.ReadFile(filepath.Join(root(t), "clients/python/foliocast.py"))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(client), "\n__version__ = \""+release(t)+"\"\n") {
		t.Errorf("the client in Python is not of the release %s", release(t))
	}
}
